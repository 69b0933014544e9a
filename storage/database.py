"""Opens the database; each of its subjects (articles, runs, health ...) is an attribute."""

from collections.abc import Sequence
from typing import Unpack

from sqlalchemy import URL, Engine, select

from dedup.bulk.task_pool import TaskPool
from dedup.signature.scheme import Scheme
from storage.batches import ProgressCallback
from storage.changes.alarms import Alarms
from storage.changes.changes import Changes
from storage.changes.listings import Listings
from storage.changes.revisit_settings import RevisitIntervals
from storage.changes.revisits import Revisits
from storage.dialects import bytes_used
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.fleet.jobs import Jobs
from storage.fleet.workers import Workers
from storage.health.outlet_health import OutletHealth
from storage.health.own_network import OwnNetwork
from storage.index.corpus import Corpus, load_scheme
from storage.reading.articles import Articles
from storage.reading.outlets import Outlets
from storage.reading.rows import ArticleFilters
from storage.reading.stories import Stories
from storage.reclustering.decisions import Decisions
from storage.reclustering.reclustering import ReclusterResult, recluster
from storage.records import Article, Capture, CaptureResult, Receipt
from storage.runs.frames import Frames
from storage.runs.hosts import Hosts
from storage.runs.leases import Leases
from storage.runs.recordings import Recordings
from storage.runs.runs import Runs
from storage.runs.schedule import Schedule
from storage.runs.sources import Sources
from storage.runs.visits import Visits
from storage.saving.kept_numbers import HighestNumbers
from storage.saving.save_articles import record_capture, save
from storage.schema import check_revision, upgrade
from storage.search import fulltext
from storage.search.counting import CountedBy, HitCount, count_hits
from storage.search.query import SearchField
from storage.search.search import DEFAULT_TIMEOUT_SECONDS, Hit, SortOrder, search

DEFAULT_URL = "sqlite:///data/nkwire.db"
_MAX_OPENING_SECONDS = 60.0


class Database(Corpus):
    """A corpus of articles.

    Its subjects are attributes: `database.articles.get(7)`, `database.runs.latest()`. One thread
    may write while any number of threads read. Several processes may open the same database.
    """

    def __init__(self, engine: Engine, scheme: Scheme | str, *, patience: float = 300) -> None:
        super().__init__(engine, scheme, patience=patience)
        self.articles = Articles(self)
        self.stories = Stories(self)
        self.decisions = Decisions(self)
        self.outlets = Outlets(self)
        self.runs = Runs(self)
        self.sources = Sources(self)
        self.frames = Frames(self)
        self.schedule = Schedule(self)
        self.leases = Leases(self)
        self.hosts = Hosts(self)
        self.jobs = Jobs(self)
        self.workers = Workers(self)
        self.visits = Visits(self)
        self.recordings = Recordings(self)
        self.health = OutletHealth(self)
        self.own_network = OwnNetwork(self)
        self.changes = Changes(self)
        self.alarms = Alarms(self)
        self.listings = Listings(self)
        self.revisits = Revisits(self)
        self.revisit_intervals = RevisitIntervals(self)

    def save(
        self,
        articles: Sequence[Article],
        run_id: int | None = None,
        highest: HighestNumbers | None = None,
        *,
        places: bool = True,
    ) -> list[Receipt]:
        """Stores a batch in one transaction, see `storage.saving.save_articles.save`."""
        return save(self, articles, run_id, highest, places=places)

    def record_capture(
        self,
        outlet: str,
        identity: str,
        fetched: Capture,
        result: CaptureResult,
        run_id: int | None = None,
    ) -> bool:
        """Records a fetch without a text, see `storage.saving.save_articles.record_capture`."""
        return record_capture(self, outlet, identity, fetched, result, run_id)

    def search(
        self,
        words: str,
        *,
        collapse: bool = False,
        undated_last: bool = False,
        limit: int = 50,
        seconds: float = DEFAULT_TIMEOUT_SECONDS,
        sort: SortOrder = "newest",
        field: SearchField | None = None,
        **filters: Unpack[ArticleFilters],
    ) -> list[Hit]:
        """Finds articles with these words, see `storage.search.search.search`."""
        return search(
            self,
            words,
            collapse=collapse,
            undated_last=undated_last,
            limit=limit,
            seconds=seconds,
            sort=sort,
            field=field,
            **filters,
        )

    def count_hits(
        self,
        words: str,
        by: CountedBy,
        *,
        collapse: bool = False,
        seconds: float = DEFAULT_TIMEOUT_SECONDS,
        field: SearchField | None = None,
        **filters: Unpack[ArticleFilters],
    ) -> list[HitCount]:
        """Counts the articles that match, see `storage.search.counting.count_hits`."""
        return count_hits(
            self, words, by, collapse=collapse, seconds=seconds, field=field, **filters
        )

    def recluster(
        self,
        *,
        dry_run: bool = False,
        progress: ProgressCallback | None = None,
        pool: TaskPool | None = None,
    ) -> ReclusterResult:
        """Computes all stories again, see `storage.reclustering.reclustering.recluster`."""
        return recluster(self, dry_run=dry_run, progress=progress, pool=pool)

    def ping(self) -> None:
        """Raises StorageError if the database does not answer."""
        self.read(lambda connection: connection.execute(select(1)).all())

    def bytes_used(self) -> int:
        """Returns the bytes that the database takes up on disk, with its write-ahead log."""
        return self.read(bytes_used)


def open_database(
    url: str | None = None,
    *,
    create: bool = True,
    seed: int | None = None,
    patience: float = 300,
    reading_only: bool = False,
    statement_seconds: float | None = None,
    lock_seconds: float | None = None,
) -> Database:
    """Opens a database and migrates its tables to this version.

    `url`: None means `DEFAULT_URL`. `create`: whether to create a missing SQLite file; if False,
    NoDatabase is raised. `seed`: the dedup seed of a new database; None means a random one.
    `patience`: seconds to wait for a busy or lost database before Unavailable is raised.
    `reading_only`: makes and migrates nothing, and each change raises ReadOnly or another
    StorageError; `statement_seconds` is then the longest time of one statement on PostgreSQL.
    `lock_seconds`: how long a statement waits for other writers, see `make_engine`.
    Also raises BadUrl and SchemaError.
    """
    parsed = parse_url(url or DEFAULT_URL)
    if reading_only:
        return _open_for_reading(parsed, patience, statement_seconds)
    engine = make_engine(parsed, create=create, lock_seconds=lock_seconds)
    # A server that restarts is back by then. A wrong address is not worth a longer wait.
    database = TransactionalEngine(engine, patience=min(patience, _MAX_OPENING_SECONDS))
    try:
        is_new = upgrade(database)
        fulltext.rebuild_if_outdated(database)
        opened = Database(engine, load_scheme(database, seed), patience=patience)
        if is_new:
            opened.changes.declare_current()
        return opened
    except BaseException:
        database.close()
        raise


def _open_for_reading(url: URL, patience: float, statement_seconds: float | None) -> Database:
    engine = make_engine(url, create=False, reading_only=True, statement_seconds=statement_seconds)
    database = TransactionalEngine(engine, patience=min(patience, _MAX_OPENING_SECONDS))
    database.reading_only = True
    try:
        check_revision(database)
        fulltext.check_current(database)
        opened = Database(engine, load_scheme(database, None), patience=patience)
    except BaseException:
        database.close()
        raise
    opened.reading_only = True
    return opened
