"""`nkwire cluster`: finds which articles of a file are the same text, without a database."""

import json
from collections import Counter
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import ExitCode, UserError
from cli.options import PANEL_FILES, examples
from cli.options import minhash_seed as seed_of_environment
from cli.show.printing import dumps, format_counts, print_note, print_warning, progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.bulk.cluster import Clustering
    from dedup.records import Document

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_FILES,
    epilog=examples(
        "nkwire cluster corpus.jsonl.gz --groups stories.json",
        "nkwire cluster corpus.jsonl --relations edges.jsonl --reports reports.json --seed 7",
    ),
)
def cluster(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.jsonl[.gz]", help="JSON lines with id, url, title and text."),
    ],
    groups: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write stories of two or more articles: a JSON list of lists of ids.",
        ),
    ] = None,
    relations: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write relations as JSON lines: a, b, relation, jaccard, containments, reason, "
            "source, spans (positions in the trimmed texts).",
        ),
    ] = None,
    reports: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write reports of two or more articles: a JSON list of lists of ids.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**63 - 1, help="MinHash seed, for a repeatable result."),
    ] = None,
) -> int:
    """Deduplicate a corpus in a file, without a database.

    If no output file is given, the stories go to standard output.
    """
    from dedup.bulk.cluster import cluster_documents
    from dedup.signature.scheme import Scheme

    if not file.exists():
        raise UserError(f"{file}: no such file")
    if file.is_dir():
        raise UserError(f"{file}: a folder, not a file of articles")
    for out in (groups, relations, reports):
        if out and not out.absolute().parent.is_dir():
            raise UserError(f"{out}: there is no folder {out.parent}")
    counts: Counter[str] = Counter()
    names: list[str] = []
    seed = seed_of_environment() if seed is None else seed
    with progress() as bar:
        documents = bar.track(_documents(file, names, counts), description="comparing")
        scheme = Scheme.new() if seed is None else Scheme(seed=seed)
        found = cluster_documents(documents, scheme, relations=relations is not None)
    _write(found, names, groups, relations, reports)
    several = sum(len(story.members) > 1 for story in found.stories)
    print_note(
        f"{len(names):,} articles, {len(found.stories):,} stories, {several:,} of two or more"
    )
    if counts:
        print_note(format_counts(counts))
    return ExitCode.PARTIAL if counts else ExitCode.OK


def _documents(file: Path, names: list[str], counts: Counter[str]) -> "Iterator[Document]":
    """Yields the articles of the file, numbered from 1 (0 means none).

    Appends the file's id of each article to `names`, and counts rejected lines in `counts`.
    """
    from crawler.registry import outlets
    from dedup.records import Document
    from storage.identity import make_uid
    from storage.importers.jsonl_reader import BadLine, read_jsonl
    from storage.records import PageClass
    from storage.saving.prepare import InvalidArticleError, prepare_article

    now = datetime.now(UTC)
    ranks = {name: outlet.agency_rank for name, outlet in outlets().items()}
    taken: set[str] = set()
    for line in read_jsonl(file):
        if isinstance(line, BadLine):
            counts[f"rejected: {line.reason.partition(':')[0]}"] += 1
            print_warning(f"{file}:{line.number}: {line.reason}")
            continue
        name = line.external_id or line.url
        if name in taken:
            counts["rejected: id given before"] += 1
            print_warning(
                f"{file}: the id {name!r} was given before; the later article is left out"
            )
            continue
        taken.add(name)
        try:
            new = prepare_article(line, now)
        except InvalidArticleError as error:
            counts["rejected: not fit to be kept"] += 1
            print_warning(f"{file}: {name!r}: {error}")
            continue
        names.append(name)
        kept = new.article
        whole = kept.page_class is PageClass.ARTICLE
        yield Document(
            id=len(names),
            uid=make_uid(kept.outlet, new.identity) + f"#{name}",
            title=kept.title if whole else "",
            text=kept.text if whole else "",  # stubs are not compared
            language=kept.language,
            outlet=kept.outlet,
            published_at=kept.published_at,
            first_seen_at=kept.first_seen_at,
            rank=ranks.get(kept.outlet, 9),
        )


def _write(
    found: "Clustering",
    names: "Sequence[str]",
    groups: Path | None,
    relations: Path | None,
    reports: Path | None,
) -> None:
    stories = _groups_of_ids((story.members for story in found.stories), names)
    if groups:
        _save(groups, json.dumps(stories, ensure_ascii=False) + "\n")
    if relations:
        _save(relations, "".join(dumps(row) + "\n" for row in _iter_relation_rows(found, names)))
    if reports:
        _save(
            reports,
            json.dumps(_groups_of_ids(found.report_members, names), ensure_ascii=False) + "\n",
        )
    if not (groups or relations or reports):
        print(json.dumps(stories, ensure_ascii=False))


def _groups_of_ids(sets: "Iterable[Sequence[int]]", names: "Sequence[str]") -> list[list[str]]:
    """Returns the sets of two or more articles as ids of the file, sorted."""
    return sorted(sorted(names[i - 1] for i in members) for members in sets if len(members) > 1)


def _iter_relation_rows(found: "Clustering", names: "Sequence[str]") -> "Iterator[dict[str, Any]]":
    for each in found.relations:
        yield {
            "a": names[each.a - 1],
            "b": names[each.b - 1],
            "relation": each.kind,
            "jaccard": round(each.jaccard, 4),
            "containment_ab": round(each.containment_ab, 4),
            "containment_ba": round(each.containment_ba, 4),
            "reason": each.reason,
            "source": names[each.source - 1] if each.source else None,
            "spans": [astuple(span) for span in each.spans],
        }


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
