"""Imports articles from WARC files of Common Crawl's CC-NEWS, or of any other broad crawl.

Such a file has tens of thousands of pages of thousands of outlets; few of them matter here. A page
must pass four checks, the cheapest first: its URL belongs to a wanted outlet, its bytes name North
Korea, an article is found on it, and the article is on topic. Each file is read once, in constant
memory; several files are read at once.

The position in a file is saved with every batch, so a stopped run continues there. Storing a page
twice changes nothing, so a kill costs at most one batch of work.
"""

import html
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import active_children, get_context
from pathlib import Path

import orjson

from crawler.extract.extraction import extract_page
from crawler.extract.page.guard import MAX_PAGE_BYTES
from crawler.extract.page.page import Page
from crawler.extract.page.robots_rules import HEADER as ROBOTS_RULES
from crawler.outlet import Outlet
from crawler.parent_watch import die_with_parent
from crawler.registry import outlet_for, outlets
from crawler.topic import concerns_north_korea, is_on_topic
from crawler.warc.content_coding import decode_body
from crawler.warc.reader import iter_records
from crawler.warc.records import Damage, Record, WarcError, check_address, parse_http
from dedup.text.kernel_loader import KernelMode, use_kernel
from storage import Database, open_database
from storage.files.making import make_folders, replaced_file
from storage.records import STORED_COUNTS, Article, Capture
from storage.reports.working_out import work_out

BATCH_SIZE = 50
MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFilter:
    """Decides which pages are wanted.

    `outlets`: names of outlets; empty means all declared ones. `any_host`: pages of undeclared
    outlets too. `any_topic`: articles that do not concern North Korea too.
    """

    outlets: frozenset[str] = frozenset()
    any_host: bool = False
    any_topic: bool = False


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The result of one file.

    `counts`: pages by what they were, and articles by the outcome of storing them. `problems`: one
    line for each record that cannot be read, the first MAX_PROBLEMS of them.
    """

    file: str
    counts: Counter[str]
    problems: tuple[str, ...] = ()


def import_files(
    files: Sequence[Path],
    database_url: str,
    checkpoint_folder: Path,
    page_filter: PageFilter,
    *,
    processes: int = 1,
    kernel: KernelMode = "auto",
    on_file: Callable[[ImportedFile], None] | None = None,
) -> list[ImportedFile]:
    """Imports files, `processes` of them at a time. Returns the results sorted by file.

    `checkpoint_folder`: where positions are saved. `kernel`: when the processes load the compiled
    kernel. `on_file`: called when a file is done. Raises StorageError; what was stored before
    stays.
    """
    make_folders(checkpoint_folder)
    results: list[ImportedFile] = []
    others = {*active_children()}
    with (
        _thread_errors() as broken,
        ProcessPoolExecutor(
            processes, get_context("forkserver"), initializer=_begin_worker, initargs=(kernel,)
        ) as pool,
    ):
        try:
            # The first one starts the processes, and then a thread, which may not be possible.
            futures = [
                pool.submit(import_file, file, database_url, checkpoint_folder, page_filter)
                for file in files
            ]
            for future in _iter_done(futures, broken):
                results.append(future.result())
                if on_file is not None:
                    on_file(results[-1])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in {*active_children()} - others:
                worker.kill()  # what it stored is stored; its file goes on at the checkpoint
            raise
    return sorted(results, key=lambda result: result.file)


@contextmanager
def _thread_errors() -> Iterator[list[BaseException]]:
    """Gives the errors that end threads meanwhile, which are not printed."""
    errors: list[BaseException] = []
    previous = threading.excepthook
    threading.excepthook = lambda ended: errors.append(ended.exc_value or SystemExit())
    try:
        yield errors
    finally:
        threading.excepthook = previous


def _iter_done(
    futures: Iterable[Future[ImportedFile]], broken: Sequence[BaseException]
) -> Iterator[Future[ImportedFile]]:
    """Yields futures as they are done. Raises the first error of a thread of the pool.

    Without that thread (no memory, no further process) the pool would wait for ever.
    """
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
        yield from done
        if broken and waiting:
            raise broken[0]


def _begin_worker(kernel: KernelMode) -> None:
    """Prepares a worker, which Ctrl-C does not reach and which dies with its parent."""
    os.setsid()
    die_with_parent()
    use_kernel(kernel)


def import_file(
    file: Path, database_url: str, checkpoint_folder: Path, page_filter: PageFilter
) -> ImportedFile:
    """Imports one file, from where an earlier run stopped.

    Raises StorageError and OSError.
    """
    database = open_database(database_url)
    try:
        checkpoint = _Checkpoint(checkpoint_folder, file, page_filter, _name_database(database))
        _import_records(file, database, checkpoint, page_filter)
        work_out(database)
    finally:
        database.close()
    return ImportedFile(str(file), checkpoint.counts, tuple(checkpoint.problems))


def _name_database(database: Database) -> str:
    """Returns what tells a database from all others: its address, and the seed that it drew.

    A file that was deleted and made anew has the old address and another seed.
    """
    return f"{database.engine.url.render_as_string(hide_password=True)} {database.scheme.name}"


def _import_records(
    file: Path, database: Database, checkpoint: "_Checkpoint", page_filter: PageFilter
) -> None:
    """Stores the wanted pages of a file, from the checkpoint on."""
    batch: list[Article] = []
    counts, problems = Counter(checkpoint.counts), list(checkpoint.problems)
    for record in iter_records(file, checkpoint.offset):
        if isinstance(record, Damage):
            problems.append(f"damaged: {record.message}")
            continue
        if record.kind != "response":
            continue
        if len(batch) >= BATCH_SIZE:
            _save_batch(database, batch, counts)
            checkpoint.save(record.offset, counts, problems)
            batch = []
        try:
            article, decision = _extract_record(record, page_filter)
        except Exception as error:  # noqa: BLE001 - one record must not cost the others
            article, decision = None, "skipped.unreadable"
            problems.append(f"record at byte {record.offset} ({record.url[:200]}): {_line(error)}")
        counts.update(("pages", decision))
        if article is not None and article.capture is not None:
            capture = replace(article.capture, warc_file=file.name, warc_offset=record.offset)
            batch.append(replace(article, capture=capture))
    _save_batch(database, batch, counts)
    checkpoint.save(file.stat().st_size, counts, problems)


def _save_batch(database: Database, batch: list[Article], counts: Counter[str]) -> None:
    for receipt in database.save(batch):
        counts[STORED_COUNTS[receipt.outcome].value] += 1


def _extract_record(record: Record, page_filter: PageFilter) -> tuple[Article | None, str]:
    """Returns the article of a record, and "wanted" or why there is none ("skipped.topic").

    Raises WarcError for a record that cannot be read, and what an extraction rule may raise.
    """
    outlet = _find_outlet(record.url, page_filter)
    if outlet is None:
        return None, "skipped.outlet"
    message = parse_http(record.block)
    if message.status != 200:
        return None, "skipped.status"
    body = decode_body(message, MAX_PAGE_BYTES)
    if len(body) > MAX_PAGE_BYTES:
        return None, "skipped.too large"
    headers = {
        "content-type": message.header("content-type"),
        ROBOTS_RULES: message.header_lines(ROBOTS_RULES),
    }
    page = Page(body, record.url, headers, record.date or datetime.now(UTC))
    if not page_filter.any_topic and not _mentions_north_korea(page.html):
        return None, "skipped.topic"
    return _extract_article(page, outlet, page_filter)


def _extract_article(
    page: Page, outlet: type[Outlet], page_filter: PageFilter
) -> tuple[Article | None, str]:
    extraction = extract_page(page, outlet)
    article = extraction.article
    if article is None:
        return None, f"skipped.{extraction.page_class}"
    on_topic = page_filter.any_topic or is_on_topic(article)
    if not on_topic:
        return None, "skipped.topic"
    fetched_at = page.fetched_at or datetime.now(UTC)
    capture = Capture(page.url, fetched_at, 200, body_sha256=sha256(page.body).hexdigest())
    first_seen_at = article.first_seen_at or fetched_at
    return replace(article, capture=capture, first_seen_at=first_seen_at), "wanted"


def _find_outlet(url: str, page_filter: PageFilter) -> type[Outlet] | None:
    if not url.startswith(("http://", "https://")):
        return None
    check_address(url)
    outlet = outlet_for(url)
    if page_filter.outlets and outlet.name not in page_filter.outlets:
        return None
    if not page_filter.any_host and not page_filter.outlets and outlet.name not in outlets():
        return None
    return outlet


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())[:300]
    return text if isinstance(error, WarcError) else f"{type(error).__name__}: {text}"


def _mentions_north_korea(text: str) -> bool:
    """Returns whether a page names North Korea anywhere, in character references too."""
    # Passed as a headline: there one name is enough.
    return concerns_north_korea(html.unescape(text) if "&#" in text else text, "", "")


class _Checkpoint:
    """The position reached in one file with one filter, saved in a small file of its own.

    `database`: its name; what one database holds says nothing of another.
    """

    def __init__(self, folder: Path, file: Path, page_filter: PageFilter, database: str) -> None:
        size = file.stat().st_size
        key = repr(
            (
                file.name,
                size,
                sorted(page_filter.outlets),
                page_filter.any_host,
                page_filter.any_topic,
                database,
            )
        )
        self._path = folder / f"{sha256(key.encode()).hexdigest()[:32]}.json"
        self.offset = 0
        self.problems: list[str] = []
        self.counts: Counter[str] = Counter()
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            state = orjson.loads(self._path.read_bytes())
            counts = Counter({str(name): int(number) for name, number in state["counts"].items()})
            self.offset, self.counts = max(0, min(int(state["offset"]), size)), counts
            self.problems = [str(line) for line in state.get("problems", ())]

    def save(self, offset: int, counts: Counter[str], problems: list[str]) -> None:
        """Replaces the saved position in one step."""
        self.offset, self.counts = offset, Counter(counts)
        self.problems = problems[:MAX_PROBLEMS]
        state = {"offset": offset, "counts": counts, "problems": self.problems}
        with replaced_file(self._path) as draft:
            draft.write(orjson.dumps(state))
