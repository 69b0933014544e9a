"""`nkwire cluster` and `evaluate`: work on files of articles, without a database."""

import json
from collections import Counter
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import ExitCode, UserError
from cli.labels import ARTICLES_FILE, read_labels
from cli.options import PANEL_FILES, JsonOption, examples, load_config
from cli.show.outputs import check_one_result, open_result
from cli.show.printing import (
    dumps,
    format_counts,
    print_json,
    print_note,
    print_warning,
    progress,
)
from storage.guard.addresses import NOT_WEB
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cli.show.evaluation import Evaluation
    from dedup.bulk.cluster import Clustering
    from dedup.records import Document

commands = typer.Typer(rich_markup_mode="rich")

_TITLE_CHARS = 80
"""An article without a headline is shown by the beginning of its text."""

_EVALUATION_SEED = 20310506
"""The seed of the figures in docs/quality.md, so that they can be made again."""


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
    from dedup.text.kernel_loader import use_kernel

    if not file.exists():
        raise UserError(f"{file}: no such file")
    if file.is_dir():
        raise UserError(f"{file}: a folder, not a file of articles")
    for output in (groups, relations, reports):
        if output and not output.absolute().parent.is_dir():
            raise UserError(f"{output}: there is no folder {output.parent}")
    check_one_result(groups, relations, reports)
    counts: Counter[str] = Counter()
    no_addresses: list[str] = []

    def note_rejected(cause: str, line: str) -> None:
        counts[f"rejected: {cause}"] += 1
        if cause == NOT_WEB:
            no_addresses.append(line)
        else:
            print_warning(line)

    ids: list[str] = []
    config = load_config()
    use_kernel(config.kernel)
    seed = config.dedup_seed if seed is None else seed
    with progress() as bar:
        documents = bar.track(read_documents(file, ids, note_rejected), description="comparing")
        scheme = Scheme.new() if seed is None else Scheme(seed=seed)
        clustering = cluster_documents(documents, scheme, relations=relations is not None)
    _report_no_addresses(no_addresses)
    _write(clustering, ids, groups, relations, reports)
    shared_count = sum(len(story.members) > 1 for story in clustering.stories)
    print_note(
        f"{format_count(len(ids), 'article')},"
        f" {format_count(len(clustering.stories), 'story', 'stories')}, {shared_count:,} of two or more"
    )
    if counts:
        print_note(format_counts(counts))
    return ExitCode.PARTIAL if counts else ExitCode.OK


def _report_no_addresses(lines: "Sequence[str]") -> None:
    """Prints one line for all articles whose address is no http(s) address."""
    if len(lines) == 1:
        print_warning(lines[0])
    elif lines:
        first = lines[0].replace(f" {NOT_WEB}:", "", 1)
        print_warning(f"{len(lines):,} left out: {NOT_WEB}, the first is {first}")


@commands.command(
    rich_help_panel=PANEL_FILES,
    epilog=examples(
        "nkwire evaluate labelled",
        "nkwire evaluate labelled --errors 20",
        "nkwire evaluate labelled-2025 labelled-2026 --json",
    ),
)
def evaluate(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...",
            help="Each has input.jsonl (JSON lines with id, url, outlet, title, text, language, "
            "published_at) and the labels: groups.json (copy_groups and reports, each a list of "
            "lists of ids) or labels.csv (columns id, story, report).",
        ),
    ],
    errors: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            max=2**31 - 1,
            help="List the N worst errors of stories and of reports, too.",
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how well stories and reports are found, on articles that you have labelled.

    Prints precision (P), recall (R) and F1 of the pairs of articles, and B-cubed (B³) over the
    grouped articles, for each language and across languages.
    """
    from cli.show.evaluation import error_rows, figures_rows, print_errors, print_figures

    evaluations = [each for folder in folders for each in _evaluate_folder(folder, errors)]
    if as_json:
        figures = [row for each in evaluations for row in figures_rows(each)]
        worst = [row for each in evaluations for row in error_rows(each)]
        print_json({"figures": figures, "errors": worst})
        return
    print_figures(evaluations)
    if errors:
        print()
        print_errors(evaluations)


def _evaluate_folder(folder: Path, max_errors: int) -> "Iterator[Evaluation]":
    """Yields how well the stories, then the reports of a labelled folder are found."""
    from cli.show.evaluation import Evaluation
    from dedup.bulk.cluster import cluster_documents
    from dedup.evaluation import compute_figures, find_confusions, label_groups
    from dedup.signature.scheme import Scheme
    from dedup.text.kernel_loader import use_kernel

    file = folder / ARTICLES_FILE
    if not file.is_file():
        raise UserError(f"{file}: no such file")

    def refuse(_cause: str, line: str) -> None:
        raise UserError(line)

    ids: list[str] = []
    documents = list(read_documents(file, ids, refuse))
    labels = read_labels(folder, frozenset(ids))
    config = load_config()
    use_kernel(config.kernel)
    with progress() as bar:
        tracked = bar.track(documents, description=f"comparing {folder.name}")
        clustering = cluster_documents(
            tracked,
            Scheme(_EVALUATION_SEED if config.dedup_seed is None else config.dedup_seed),
            relations=False,
        )
    stories = _groups_of_ids((story.members for story in clustering.stories), ids)
    reports = _groups_of_ids(clustering.report_members, ids)
    languages = {ids[each.id - 1]: each.language for each in documents}
    titles = {ids[each.id - 1]: each.title or each.text[:_TITLE_CHARS] for each in documents}
    for groups, labelled, found, ignored in (
        ("stories", labels.stories, stories, labels.partial),
        ("reports", labels.reports, reports, []),
    ):
        if labelled is not None:
            yield Evaluation(
                set_name=folder.absolute().name,
                groups=groups,
                figures=compute_figures(labelled, found, languages, ignored),
                confusions=find_confusions(
                    label_groups(labelled, ids), label_groups(found, ids), max_errors
                ),
                titles=titles,
            )


def read_documents(
    file: Path, ids: list[str], on_rejected: "Callable[[str, str], None]"
) -> "Iterator[Document]":
    """Yields the articles of the file, numbered from 1 (0 means none).

    Appends the file's id of each article to `ids`. `on_rejected` is called for each line that is
    left out, with the cause and with a message.
    """
    from crawler.registry import outlets
    from dedup.records import Document
    from storage.identity import make_uid
    from storage.importers.jsonl_reader import BadLine, read_jsonl
    from storage.records import PageClass
    from storage.saving.prepare import InvalidArticleError, prepare_article

    now = datetime.now(UTC)
    ranks = {name: outlet.agency_rank for name, outlet in outlets().items()}
    seen_ids: set[str] = set()
    for line in read_jsonl(file):
        if isinstance(line, BadLine):
            on_rejected(line.reason.partition(":")[0], f"{file}:{line.number}: {line.reason}")
            continue
        file_id = line.external_id or line.url
        if file_id in seen_ids:
            message = f"the id {file_id!r} was given before; the later article is left out"
            on_rejected("id given before", f"{file}: {message}")
            continue
        seen_ids.add(file_id)
        try:
            prepared = prepare_article(line, now)
        except InvalidArticleError as error:
            on_rejected("cannot be stored", f"{file}: {file_id!r}: {error}")
            continue
        ids.append(file_id)
        article = prepared.article
        is_article = article.page_class is PageClass.ARTICLE
        yield Document(
            id=len(ids),
            uid=make_uid(article.outlet, prepared.identity) + f"#{file_id}",
            title=article.title if is_article else "",
            text=article.text if is_article else "",  # stubs are not compared
            language=article.language,
            outlet=article.outlet,
            published_at=article.published_at,
            first_seen_at=article.first_seen_at,
            rank=ranks.get(article.outlet, 9),
        )


def _write(
    clustering: "Clustering",
    ids: "Sequence[str]",
    groups: Path | None,
    relations: Path | None,
    reports: Path | None,
) -> None:
    stories = _groups_of_ids((story.members for story in clustering.stories), ids)
    if groups:
        _save(groups, json.dumps(stories, ensure_ascii=False) + "\n")
    if relations:
        _save(relations, "".join(dumps(row) + "\n" for row in _iter_relation_rows(clustering, ids)))
    if reports:
        _save(
            reports,
            json.dumps(_groups_of_ids(clustering.report_members, ids), ensure_ascii=False) + "\n",
        )
    if not (groups or relations or reports):
        print(dumps(stories))


def _groups_of_ids(groups: "Iterable[Sequence[int]]", ids: "Sequence[str]") -> list[list[str]]:
    """Returns the sets of two or more articles as ids of the file, sorted."""
    return sorted(sorted(ids[i - 1] for i in members) for members in groups if len(members) > 1)


def _iter_relation_rows(
    clustering: "Clustering", ids: "Sequence[str]"
) -> "Iterator[dict[str, Any]]":
    for relation in clustering.relations:
        yield {
            "a": ids[relation.a - 1],
            "b": ids[relation.b - 1],
            "relation": relation.kind,
            "jaccard": round(relation.jaccard, 4),
            "containment_ab": round(relation.containment_ab, 4),
            "containment_ba": round(relation.containment_ba, 4),
            "reason": relation.reason,
            "source": ids[relation.source - 1] if relation.source else None,
            "spans": [astuple(span) for span in relation.spans],
        }


def _save(path: Path, text: str) -> None:
    with open_result(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
