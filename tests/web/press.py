"""A web process on the invented press of `nkwire demo --web`, for tests that sweep over all pages."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.demo.newsroom.filling import demo_outlets, fill
from storage import open_database
from tests.web.addresses import sample_ids
from tests.web.conftest import Site, serving
from web.options import WebOptions

_TODAY = datetime.now(UTC).replace(hour=22, minute=30, second=0, microsecond=0)
NOW = _TODAY - timedelta(days=datetime.now(UTC) < _TODAY)
"""So late in the day that the largest report and its edits lie in one day."""


@dataclass(frozen=True)
class Press:
    """The running site and the ids of what the addresses name."""

    site: Site
    ids: Mapping[str, str]


@contextmanager
def serving_press(path: Path) -> Iterator[Press]:
    """Fills a new database at this path and serves it until the block ends."""
    url = f"sqlite:///{path}"
    with open_database(url, seed=1) as database:
        fill(database, NOW)
        ids = sample_ids(database)
    options = WebOptions(database_url=url, port=0, outlets=demo_outlets())
    with serving(options) as site:
        yield Press(site, ids)
