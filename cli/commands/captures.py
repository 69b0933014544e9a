"""`nkwire verify` and `nkwire reextract`: checks recorded pages and extracts them again."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.names import find_outlets
from cli.arguments.recordings import recording_places
from cli.errors import ExitCode
from cli.options import (
    PANEL_IMPORT_EXPORT,
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    OutletOption,
    day_range,
    examples,
    load_config,
    open_database,
    read_database,
)
from cli.show.printing import format_counts, print_json, print_note, print_warning, progress
from storage.counts import Count
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage import Database
    from storage.archive.places import RecordingPlace
    from storage.changes.rows import RecordedCapture
    from storage.records import Article
    from storage.tables.columns import Names

commands = typer.Typer(rich_markup_mode="rich")

CapturedSince = Annotated[
    str,
    typer.Option("--since", metavar="DATE", help="Only pages captured on this day (UTC) or later."),
]
BATCH = 100


@commands.command(
    rich_help_panel=PANEL_LOOK, epilog=examples("nkwire verify", "nkwire verify --outlet kcna")
)
def verify(
    since: CapturedSince = "",
    outlet: OutletOption = None,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Check that texts, signatures, indexes and recorded pages are as they were stored.

    Compares the texts in the database and the pages in the WARC files with their hashes, and the
    indexes with the texts. With --since or --outlet, only the texts and pages of these. Exits with
    1 and one line for each thing that is not as it was. Pages whose recordings have expired do not
    count.
    """
    from crawler.recorded.warc_archive import (
        EXPIRED_CAUSE,
        MISSING_CAUSE,
        EvidenceError,
        WarcArchive,
        verify_captures,
    )
    from storage.files.making import describe_wide_mode
    from storage.files.recordings import describe_missing

    first, _ = day_range(since, "")
    counts: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    places = recording_places(load_config(), database)
    problems: list[str] = []

    def add_problem(line: str) -> None:
        problems.append(line)
        print_warning(line)

    with read_database(database) as opened:
        file = Path(str(opened.engine.url.database))
        is_file = opened.engine.url.get_backend_name() == "sqlite"
        if is_file and (line := describe_wide_mode(file)):
            print_warning(line)
        outlets = find_outlets(opened, outlet)
        for problem in _iter_stored_problems(opened, first, outlets):
            add_problem(problem)
            counts["damaged in the database"] += 1
        captures = opened.changes.recorded_captures(since=first, outlet=outlets)
        for capture, page in verify_captures(
            WarcArchive(places, opened.recordings.expired_at), captures
        ):
            if isinstance(page, EvidenceError):
                if page.cause == MISSING_CAUSE:
                    missing[capture.warc_file] += 1
                elif page.cause != EXPIRED_CAUSE:
                    add_problem(str(page))
                counts[page.cause] += 1
            else:
                counts["as captured"] += 1
    if missing:
        add_problem(describe_missing(missing, places))
    if as_json:
        print_json({"counts": counts, "problems": problems})
    else:
        print(format_counts(counts) if counts else _nothing_recorded(since, outlet))
    return ExitCode.OK if counts.keys() <= {"as captured", EXPIRED_CAUSE} else ExitCode.FAILED


def _nothing_recorded(since: str, outlet: "list[str] | None") -> str:
    chosen = " of these" if since or outlet else ""
    return f"all is as it was stored; no page{chosen} is recorded"


def _iter_stored_problems(
    database: "Database", since: "datetime | None", outlet: "Names | None"
) -> "Iterator[str]":
    """Yields a line for each thing in the database that is not as it was stored."""
    from storage.errors import DedupSchemeError
    from storage.verification.files import find_file_problems
    from storage.verification.indexes import iter_wrong_indexes
    from storage.verification.versions import iter_damaged_signatures, iter_damaged_versions

    is_whole = since is None and outlet is None
    with progress() as bar:
        task = bar.add_task("checking", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if is_whole:
            yield from find_file_problems(database)
        bar.update(task, description="checking texts")
        yield from iter_damaged_versions(database, since=since, outlet=outlet, progress=show)
        if not is_whole:
            return
        bar.update(task, description="checking signatures")
        try:
            yield from iter_damaged_signatures(database, database.scheme, progress=show)
        except DedupSchemeError as error:
            print_note(f"signatures are not checked: {error}")
        bar.update(task, description="checking indexes")
        yield from iter_wrong_indexes(database, progress=show)


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples(
        "nkwire reextract --outlet kcna --dry-run",
        "nkwire reextract --since 2026-01-01   # after an upgrade",
    ),
)
def reextract(
    since: CapturedSince = "",
    outlet: OutletOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print which articles would differ. Change nothing.")
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Extract the recorded pages again with the current extraction rules.

    Also repairs stored texts that `nkwire verify` calls damaged. A difference that comes from new rules does not count as an edit by the outlet.

    With --since, if a page of an article gives another text, the earlier pages of the article are
    extracted again too. Only versions that were extracted by the same rules can be compared.
    """
    from storage.files.recordings import describe_missing
    from storage.reports.working_out import work_out

    places = recording_places(load_config(), database)
    missing: Counter[str] = Counter()
    first, _ = day_range(since, "")
    counts: Counter[str] = Counter()
    with (read_database if dry_run else open_database)(database) as opened:
        outlets = find_outlets(opened, outlet)
        captures = opened.changes.recorded_captures(texts=True, since=first, outlet=outlets)
        work = _Reextraction(opened, places, dry_run, counts, missing)
        changed = _reextract_captures(work, list(captures))
        if first is not None:
            for article_id in sorted(changed):
                earlier = opened.changes.recorded_captures(
                    texts=True, until=first, article=article_id
                )
                _reextract_captures(work, list(earlier))
        if not dry_run:
            work_out(opened)
    if missing:
        print_warning(describe_missing(missing, places))
    if as_json:
        print_json({"dry_run": dry_run, "counts": counts, "changed": sorted(changed)})
    else:
        print(format_counts(counts))
    expected_results = {"read as before", "read differently", "no article found now", "mended"}
    return ExitCode.OK if counts.keys() <= expected_results else ExitCode.PARTIAL


@dataclass(frozen=True, slots=True)
class _Reextraction:
    """What `reextract` works on. `counts`: what happened; `missing`: recordings not found."""

    database: "Database"
    places: "tuple[RecordingPlace, ...]"
    dry_run: bool
    counts: Counter[str]
    missing: Counter[str]


def _reextract_captures(work: _Reextraction, captures: "list[RecordedCapture]") -> set[int]:
    """Extracts these captures again and returns the ids of the articles that differ.

    Stores the results unless `dry_run` is set.
    """
    from crawler.recorded.warc_archive import (
        MISSING_CAUSE,
        EvidenceError,
        WarcArchive,
        reextract_page,
        verify_captures,
    )
    from storage.saving.mending import mend_versions

    batch: list[Article] = []
    changed: set[int] = set()
    database, dry_run, counts = work.database, work.dry_run, work.counts
    for capture, page in verify_captures(WarcArchive(work.places), captures):
        if isinstance(page, EvidenceError):
            if page.cause == MISSING_CAUSE:
                work.missing[capture.warc_file] += 1
            else:
                print_warning(str(page))
            counts[page.cause] += 1
            continue
        article = reextract_page(capture, page)
        if article is not None and not dry_run and (mended := mend_versions(database, article)):
            print_note(f"article {capture.article_id}, {capture.url}: the stored text is mended")
            counts["mended"] += len(mended)
            continue
        comparison = _compare_extraction(capture, article, dry_run)
        counts[comparison] += 1
        if comparison == "read differently":
            changed.add(capture.article_id)
        if article is not None and not dry_run:
            batch.append(article)
        if len(batch) >= BATCH:
            _save(database, batch, counts)
    _save(database, batch, counts)
    return changed


def _compare_extraction(
    capture: "RecordedCapture", article: "Article | None", verbose: bool
) -> str:
    if article is None:
        print_warning(
            f"{capture.url}: the current rules find no article; the stored version is kept"
        )
        return "no article found now"
    if (article.title.strip(), article.text.strip()) == (capture.title, capture.text):
        return "read as before"
    if verbose:
        print_note(
            f"article {capture.article_id}, {capture.url}: {len(capture.text):,} -> {format_count(len(article.text), 'character')}"
        )
    return "read differently"


def _save(database: "Database", batch: list["Article"], counts: Counter[str]) -> None:
    from storage.records import SaveOutcome

    receipts = database.save(batch)
    for article, receipt in zip(batch, receipts, strict=True):
        if receipt.outcome is SaveOutcome.REJECTED:
            print_warning(f"{article.url}: {receipt.reason}")
            counts[Count.REJECTED] += 1
    batch.clear()
