"""The tasks that the storm kills: what each starts from, does, and must have left in the end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from benchmarks.storm import corpus, migration
from benchmarks.storm.contents import (
    Contents,
    digest_archive,
    digest_bytes,
    digest_sqlite,
    read_database,
    read_files,
)
from benchmarks.storm.killing import run_child
from benchmarks.storm.place import Place
from storage.tables.articles import article
from storage.tables.reports import carried

EXPORT_FORMATS = ("jsonl", "csv", "xlsx", "parquet", "sqlite", "datasets", "warc")
OLD_OUTPUT = "what was here before"
_CODES_OF_NEW = {False: (0,), True: (2,)}
"""What commands end with that never replace an output, by whether it is there."""
_BATCH = 20
"""Articles that an import stores at a time here, so that a small file has several batches."""


@dataclass(frozen=True, slots=True)
class Task:
    """Work that is killed and started again.

    `prepare`: fills a template of the place. `work`: is killed at random, and must end well when it
    is started again. `read`: what is left, to compare with an undisturbed run. `weight`: its share
    of the kills. `parameters`: what the place tells the work, in turn. `digest`: of a file in `out`;
    raises if the file is not whole. `only_reads`: whether the database stays as it is.
    """

    name: str
    prepare: Callable[[Place], None]
    work: Callable[[Place], None]
    read: Callable[[Place], Contents]
    weight: float = 1.0
    parameters: tuple[str, ...] = ("",)
    digest: Callable[[Path], str] = digest_bytes
    only_reads: bool = False


def read_corpus(place: Place) -> Contents:
    """Returns the rows of the database without their numbers."""
    with corpus.open_place(place) as database:
        return read_database(database)


def _read_numbers(place: Place) -> Contents:
    """Returns the rows of the database, and the numbers of its articles, stories and reports.

    Numbers of versions are left out: a transaction that is undone has used up some of PostgreSQL's.
    """
    query = select(article.c.url, article.c.id, article.c.story_id, carried.c.report_id)
    query = query.outerjoin_from(article, carried, carried.c.article_id == article.c.id)
    with corpus.open_place(place) as database:
        rows = database.read(lambda connection: connection.execute(query).all())
    return read_corpus(place) | {"numbers": Counter(map(tuple, rows))}


def _read_crawled(place: Place) -> Contents:
    """Returns the rows of the database, and recorded pages that are not as they were captured."""
    from crawler.recorded.warc_archive import EvidenceError, WarcArchive, verify_captures

    with corpus.open_place(place) as database:
        captures = list(database.changes.recorded_captures())
        checked = verify_captures(
            WarcArchive([place.home / "warc"], database.recordings.expired_at), captures
        )
        causes = Counter(page.cause for _, page in checked if isinstance(page, EvidenceError))
    unsaved = Counter(path.name for path in (place.home / "unsaved").glob("*"))
    return read_corpus(place) | {"pages unlike their capture": causes, "unsaved": unsaved}


def _read_recordings(place: Place) -> Contents:
    """Returns what is left of recordings and logs, beside the rows of the database."""
    left = Counter(path.parent.name for path in place.home.rglob("*.warc.gz"))
    left += Counter(path.parent.name for path in place.home.rglob("*.log"))
    return _read_crawled(place) | {"kept files": left}


def read_output(place: Place, digest: Callable[[Path], str]) -> Contents:
    """Returns the files that a task has written."""
    return {"output": read_files(place.out, digest)}


def _import_foreign(place: Place) -> None:
    _import(place, "articles.jsonl")


def _import_own(place: Place) -> None:
    _import(place, "own.jsonl")


def _import(place: Place, name: str) -> None:
    from cli.commands import imports

    imports.BATCH = _BATCH
    corpus.run_command(place, "import", str(place.folder / name))


def _prepare_output(place: Place) -> None:
    corpus.fill(place)
    for format in EXPORT_FORMATS:
        if format != "datasets":  # a folder that is there is never replaced
            (place.out / f"corpus.{format}").write_text(OLD_OUTPUT)


def _prepare_warc_output(place: Place) -> None:
    _crawl_all(place)
    (place.out / "corpus.warc").write_text(OLD_OUTPUT)


def _export(place: Place, format: str) -> None:
    out = place.out / f"corpus.{format}"
    codes = _CODES_OF_NEW[out.exists() and format == "datasets"]
    corpus.run_command(place, "export", str(out), "--format", format, codes=codes)


def _snapshot(place: Place) -> None:
    out = place.out / "paper"
    codes = _CODES_OF_NEW[out.exists()]
    corpus.run_command(place, "snapshot", "create", "paper", "--out", str(out), codes=codes)


def _back_up(place: Place) -> None:
    out = place.out / "copy.db"
    corpus.run_command(place, "backup", str(out), codes=_CODES_OF_NEW[out.exists()])


def digest_backup(path: Path) -> str:
    """Returns the digest of the rows in a backup; raises if it is not whole."""
    with path.open("rb") as file:
        is_archive = file.read(5) == b"PGDMP"
    return digest_archive(path) if is_archive else digest_sqlite(path)


def _digest_sqlite_output(path: Path) -> str:
    is_new = path.suffix == ".sqlite" and path.read_bytes() != OLD_OUTPUT.encode()
    return digest_sqlite(path) if is_new else digest_bytes(path)


def _crawl_all(place: Place) -> None:
    for outlet in range(corpus.OUTLETS):
        ended = run_child(partial(corpus.crawl_place, outlet=outlet), place)
        if ended.code:
            raise RuntimeError((place.folder / "child.log").read_text()[-2000:])


def _prepare_recordings(place: Place) -> None:
    _crawl_all(place)
    (place.home / "logs").mkdir(exist_ok=True)
    for day in range(1, 9):
        (place.home / f"logs/nkwire-2026-01-0{day}.log").write_text("old")


def _tidy(place: Place) -> None:
    """Deletes everything older than tomorrow: the command's youngest limit is a day."""
    from crawler.warc.retention import delete_expired

    corpus.run_command(place, "tidy")
    with corpus.open_place(place) as database:
        delete_expired(database, place.home, datetime.now(UTC) + timedelta(days=1))


def _prepare_ingest(place: Place) -> None:
    """Leaves recordings of all outlets, and an empty database that does not know them."""
    other = Place(place.folder, f"sqlite:///{place.folder}/crawled.db", place.press)
    _crawl_all(other)
    for path in place.folder.glob("crawled.db*"):
        path.unlink()
    (place.home / "warc").rename(place.folder / "found")
    corpus.make_empty(place)


def _ingest(place: Place) -> None:
    files = sorted(str(path) for path in (place.folder / "found").rglob("*.warc.gz"))
    corpus.run_command(place, "ingest", *files, "--keep-all")


def _reextract(place: Place) -> None:
    from cli.commands import captures

    captures.BATCH = 7
    corpus.run_command(place, "reextract")


def _decide(place: Place) -> None:
    """Puts stories together and apart. What is decided already may be decided again."""
    for a, b in ((1, 4), (6, 12), (21, 42), (1, 6)):
        corpus.run_command(place, "merge", str(a), str(b))
    for each in (4, 12):
        corpus.run_command(place, "split", str(each), codes=(0, 2))


CRAWL = Task("crawl", corpus.make_empty, corpus.crawl_place, _read_crawled, 2)
TASKS = (
    CRAWL,
    Task("import", corpus.make_foreign_file, _import_foreign, read_corpus, 1.5),
    Task("import own export", corpus.make_own_export, _import_own, _read_numbers),
    Task(
        "recluster",
        corpus.fill_and_decide,
        lambda p: corpus.run_command(p, "recluster"),
        read_corpus,
    ),
    *(
        Task(
            f"export {each}",
            _prepare_warc_output if each == "warc" else _prepare_output,
            partial(_export, format=each),
            partial(
                read_output, digest=_digest_sqlite_output if each == "sqlite" else digest_bytes
            ),
            0.4,
            digest=_digest_sqlite_output if each == "sqlite" else digest_bytes,
            only_reads=True,
        )
        for each in EXPORT_FORMATS
    ),
    Task(
        "snapshot",
        corpus.fill,
        _snapshot,
        partial(read_output, digest=digest_bytes),
        only_reads=True,
    ),
    Task(
        "backup",
        corpus.fill,
        _back_up,
        partial(read_output, digest=digest_backup),
        digest=digest_backup,
        only_reads=True,
    ),
    Task(
        "migration",
        migration.fill_old,
        migration.migrate,
        migration.read,
        3,
        parameters=migration.OLDER_REVISIONS,
    ),
    Task("retention", _prepare_recordings, _tidy, _read_recordings, 0.7),
    Task("ingest", _prepare_ingest, _ingest, read_corpus, 1.5),
    Task("reextract", _crawl_all, _reextract, _read_crawled),
    Task("decisions", corpus.fill, _decide, read_corpus, 0.7),
)
