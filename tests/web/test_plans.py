"""No page reads a large table whole: each statement of each page is answered from an index."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from benchmarks.web.corpus import clone
from benchmarks.web.statements import listening
from cli.demo.newsroom.filling import demo_outlets, fill
from storage import open_database
from storage.dialects import is_sqlite
from tests.web.addresses import ADDRESSES, addresses, sample_ids
from tests.web.conftest import serving
from tests.web.press import NOW, Press
from web.options import WebOptions

_CLONES = 40
_LARGE = ("article", "version", "capture")
_FILTERED = (
    "/days/{day}?language=en&cites=kcna",
    "/?by=seen&outlet=agency",
    "/changes?kind=numbers",
    "/changes?state=gone",
    "/search?q=Sinuiju&outlet=agency&copies=1",
    "/search?q=Sinuiju&language=en&since={day}",
    "/reports?language=en&agency=agency",
    "/timeline?q=Sinuiju&outlet=agency",
)


@pytest.fixture
def press(database_url: str) -> Iterator[Press]:
    """A site whose articles were cloned, with the statistics of so many rows."""
    with open_database(database_url, seed=1) as database:
        fill(database, NOW)
        ids = sample_ids(database)
        clone(database, _CLONES)
        assert database.articles.count() > 2000
    options = WebOptions(database_url=database_url, port=0, outlets=demo_outlets())
    with serving(options) as site:
        yield Press(site, ids)


@pytest.mark.slow
def test_no_page_reads_a_large_table_whole(press: Press) -> None:
    wanted = [*addresses(press.ids), *(each.format_map(press.ids) for each in _FILTERED)]
    assert len(wanted) > len(ADDRESSES)
    found: dict[str, list[str]] = {}
    with open_database(press.site.options.database_url, create=False) as database:
        for address in wanted:
            with listening() as heard:
                status = press.site.get(address).status
            assert status < 400, (address, status)
            with database.reading() as connection:
                if not is_sqlite(connection):
                    # So few rows may be read whole for good reason, unless an index can be used.
                    connection.execute(text("SET LOCAL enable_seqscan = off"))
                scans = heard.find_full_scans(connection)
            if large := [each for each in scans if each.partition(":")[0] in _LARGE]:
                found[address] = large
            assert heard.count or address in ("/api", "/search", "/export"), address
    assert found == {}
