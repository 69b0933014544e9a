"""The database: opened, brought up to date, written to and read."""

from storage.changes.watching import Changes
from storage.engine import Connected, make_engine, parse_url
from storage.health.own_network import Network
from storage.health.rows import Standing
from storage.index.corpus import load_scheme
from storage.reclustering.reclustering import Reclustering
from storage.runs.expiry import Expiry
from storage.runs.hosts import Hosts
from storage.runs.schedule import Schedules
from storage.runs.visits import Visits
from storage.runs.vitals import Vitals
from storage.saving.writing import Writing
from storage.schema import upgrade
from storage.search import fulltext
from storage.search.search import Searching

DEFAULT_URL = "sqlite:///data/nkwire.db"
_OPENING = 60.0


class Database(
    Writing,
    Changes,
    Searching,
    Reclustering,
    Visits,
    Vitals,
    Standing,
    Schedules,
    Expiry,
    Hosts,
    Network,
):
    """A corpus of articles. Safe for one writing thread and any reading ones; processes may share it."""


def open_database(
    url: str | None = None,
    *,
    create: bool = True,
    seed: int | None = None,
    patience: float = 300,
) -> Database:
    """Open a database and bring its tables up to date.

    `url`: None means `DEFAULT_URL`. `create`: make it if there is none, else NoDatabase is raised.
    `seed` fixes the dedup seed of a new database (else random). `patience`: seconds that a busy or
    lost database is waited for before Unavailable. Also raises BadUrl and SchemaError.
    """
    engine = make_engine(parse_url(url or DEFAULT_URL), create=create)
    # A server that restarts is back by then; a wrong address should not be waited for any longer.
    connected = Connected(engine, patience=min(patience, _OPENING))
    try:
        upgrade(connected)
        fulltext.keep_current(connected)
        return Database(engine, load_scheme(connected, seed), patience=patience)
    except BaseException:
        connected.close()
        raise
