"""Crawls that look at known articles again, killed anywhere: no version lost, none twice."""

import multiprocessing
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from crawler.crawl.options import CrawlOptions
from crawler.recorded.warc_archive import EvidenceError, WarcArchive, verify_captures
from storage import Database, open_database
from storage.invariants import check_invariants
from storage.records import RunOutcome
from storage.tables.articles import article
from tests.crawler import child
from tests.crawler.conftest import Declare, Site, World

ARTICLES, EDITED = 24, 10
GONE = 17
PAST = datetime(2000, 1, 1, tzinfo=UTC)


class Agency:
    """The site's articles, each with the number of its wording, which only grows."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.wording = dict.fromkeys(range(1, ARTICLES + 1), 0)
        site.put_feed(self.wording)
        self.print(*self.wording)

    def print(self, *numbers: int) -> None:
        for n in numbers:
            self.site.put_article(n, f"Only report {n} has the word lantern{n}x{self.wording[n]}.")

    def edit(self, *numbers: int) -> None:
        for n in numbers:
            self.wording[n] += 1
        self.print(*numbers)

    def printed(self) -> set[tuple[int, int]]:
        return {(n, wording) for n, last in self.wording.items() for wording in range(last + 1)}


def strike(site: Site, outlet: dict[str, object], options: CrawlOptions, after: float) -> bool:
    """Kill a crawl so long after its first request; False if it had ended by then."""
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=child.run_crawl, args=(outlet, options))
    asked = len(site.asked)
    process.start()
    until = time.monotonic() + 30
    while len(site.asked) == asked and process.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(after)
    hit = process.is_alive()
    process.kill()
    process.join()
    return hit


def held(database: Database) -> Counter[tuple[int, int]]:
    """How many versions there are of each wording of each article."""
    asked = text("SELECT a.url, v.text FROM version v JOIN article a ON a.id = v.article_id")
    rows = database.read(lambda c: c.execute(asked).all())
    found = (row.text.rsplit("lantern", 1)[1].rstrip(".").split("x") for row in rows)
    return Counter((int(number), int(wording)) for number, wording in found)


def told(database: Database) -> Counter[int]:
    """How many edits are told of each article."""
    changes = database.changes.iter(boring=True)
    return Counter(int(change.url.rsplit("/", 1)[1]) for change in changes)


ON_POSTGRESQL = [pytest.mark.postgres, pytest.mark.slow]


@pytest.mark.threats("R10")
@pytest.mark.parametrize(
    ("kind", "phases", "kills"),
    [
        pytest.param("sqlite", 1, 2, id="sqlite-two"),
        pytest.param("sqlite", 3, 10, id="sqlite-thirty", marks=pytest.mark.slow),
        pytest.param("postgresql", 3, 10, id="postgresql-thirty", marks=ON_POSTGRESQL),
    ],
)
def test_kills_lose_and_double_no_version_no_edit_and_no_page(
    kind: str,
    phases: int,
    kills: int,
    request: pytest.FixtureRequest,
    site: Site,
    declare: Declare,
    world: World,
) -> None:
    url = world.url if kind == "sqlite" else request.getfixturevalue("postgres_url")
    open_database(url, seed=1).close()
    agency, chance = Agency(site), random.Random(11)
    # Each run looks at everything again.
    outlet = declare(delay=0.01, revisit=(timedelta(seconds=1),))
    options = world.options(database_url=url)
    assert world.crawl(outlet, database_url=url).outcome is RunOutcome.OK
    hits = tries = 0
    for phase in range(1, phases + 1):
        before = _wordings(url)
        agency.edit(*chance.sample(sorted(agency.wording), EDITED))
        if phase == phases:
            del site.answers[f"/news/{GONE}"]
        while hits < phase * kills and tries < 9 * phases * kills:
            tries += 1
            hits += strike(site, outlet, options, chance.uniform(0.0, 0.5))
            now = _wordings(url)
            assert before <= now <= agency.printed()
            before = now
        all_due(url)
        assert world.crawl(outlet, database_url=url).outcome in (RunOutcome.OK, RunOutcome.QUIET)
    assert hits == phases * kills
    database = open_database(url)
    try:
        versions = held(database)
        assert set(versions.values()) == {1}
        lost = agency.printed() - versions.keys()
        assert lost <= {(GONE, agency.wording[GONE])}  # its last wording was never to be seen
        assert told(database) == Counter(n for n, wording in versions if wording)
        assert all(c.after_at and c.before_at for c in database.changes.iter())
        assert {t.state for t in database.changes.transitions()} <= {"missing"}
        assert {t.url for t in database.changes.transitions()} <= {site.url(f"/news/{GONE}")}
        assert database.changes.rebuild() == sum(
            wording > 0 for wording in _latest(versions).values()
        )
        assert told(database) == Counter(n for n, wording in versions if wording)
        pages = [
            page
            for _, page in verify_captures(
                WarcArchive([world.home / "warc"]), database.changes.recorded_captures()
            )
        ]
        assert len(pages) >= ARTICLES * (phases + 1)
        assert [str(page) for page in pages if isinstance(page, EvidenceError)] == []
        assert check_invariants(database) == []
    finally:
        database.close()


def all_due(url: str) -> None:
    with open_database(url) as database:
        database.write(lambda c: c.execute(update(article).values(next_check_at=PAST)))


def _wordings(url: str) -> set[tuple[int, int]]:
    database = open_database(url)
    try:
        return set(held(database))
    finally:
        database.close()


def _latest(versions: Counter[tuple[int, int]]) -> dict[int, int]:
    return {number: max(w for n, w in versions if n == number) for number, _ in versions}
