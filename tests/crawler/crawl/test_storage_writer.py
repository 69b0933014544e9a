import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.crawl.options import CrawlOptions
from crawler.crawl.session import Session
from crawler.crawl.source_backoff import FailureSeverity
from crawler.crawl.storage_writer import article_to_import_row
from crawler.sources import Feed
from storage import open_database
from storage.identity import compute_identity
from storage.importers.jsonl_reader import read_jsonl
from storage.records import Article, Capture
from tests.crawler.child import outlet_of
from tests.small_disk import fill, small_disk

NOW = datetime.now(UTC)


HERALD = outlet_of(
    {
        "name": "herald",
        "every": timedelta(hours=1),
        "languages": ("en",),
        "country": "KR",
        "timezone": "Asia/Seoul",
        "hosts": ("herald.example",),
        "rights": "full",
        "article": r"/news",
        "sources": (Feed("https://herald.example/rss.xml"),),
    }
)


def article(number: int, text: str = "") -> Article:
    url = f"https://herald.example/news/{number}"
    words = text or f"The lantern office number {number} widened the harbour again. " * 8
    capture = Capture(url=url, fetched_at=NOW + timedelta(seconds=number), status=200)
    return Article(outlet="herald", url=url, title=f"Report {number}", text=words, capture=capture)


def articles_of(file: Path) -> list[Article]:
    """Returns the articles of a file to import, which has no other lines."""
    rows = list(read_jsonl(file))
    articles = [each for each in rows if isinstance(each, Article)]
    assert len(articles) == len(rows)
    return articles


@pytest.fixture
def session(tmp_path: Path) -> Session:
    opened = Session(HERALD, CrawlOptions(home=tmp_path))
    opened.open()
    return opened


async def keep(session: Session, articles: list[Article]) -> None:
    keeper = session.writer
    assert keeper is not None
    keeper.start()
    for each in articles:
        await keeper.put_article(each)
    await keeper.close()


def test_all_that_was_queued_is_stored_before_the_end(session: Session) -> None:
    asyncio.run(keep(session, [article(number) for number in range(250)]))
    assert session.counts["stored.new"] == 250
    run = session.close("finished")
    assert run.counts["stored.new"] == 250


@pytest.mark.threats("R7")
def test_r7_a_poisoned_article_costs_no_other(session: Session, tmp_path: Path) -> None:
    poisoned = article(2)
    poisoned.url = ""
    asyncio.run(
        keep(session, [article(1), poisoned, article(3), article(4, "a\x00b\ud800c " * 50)])
    )
    assert session.counts["stored.new"] == 3
    assert session.counts["rejected"] == 1
    assert session.close("finished").outcome == "degraded"


@pytest.mark.threats("R11")
def test_r11_what_the_database_does_not_take_is_kept_in_a_file(
    session: Session, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "nkwire.db")) as other:
        other.execute("DROP TABLE version")
    articles = [article(1), article(2, "lone \ud800 surrogate " * 20)]
    asyncio.run(keep(session, articles))
    assert session.counts["lost"] == 2
    run = session.close("finished")
    assert run.outcome == "failed"
    assert "nkwire import" in run.cause
    (spilled,) = tmp_path.glob("unsaved/*.jsonl")
    again = articles_of(spilled)
    assert [each.title for each in again] == ["Report 1", "Report 2"]
    assert again[0].text == articles[0].text


def test_a_run_for_a_part_is_one_in_the_database_from_the_start(tmp_path: Path) -> None:
    options = CrawlOptions(home=tmp_path, seed=1, limit=3)
    session = Session(HERALD, options)
    session.open()
    with open_database(f"sqlite:///{tmp_path / 'nkwire.db'}") as database:
        assert database.runs.latest()[0].selective
    session.close("shutdown")


def test_a_run_whose_end_cannot_be_recorded_whole_is_no_success(
    session: Session, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "nkwire.db")) as other:
        other.execute("DROP TABLE source_state")
    asyncio.run(keep(session, [article(1)]))
    session.polls.record_failure(
        "https://herald.example/rss.xml", FailureSeverity.SOFT, "404", NOW, timedelta(hours=1)
    )
    run = session.close("finished")
    assert run.outcome == "failed"
    with closing(sqlite3.connect(tmp_path / "nkwire.db")) as other:
        rows = other.execute("SELECT outcome, ended_at IS NOT NULL FROM run").fetchall()
    assert rows == [("failed", 1)]


def test_a_listed_address_is_remembered_once_its_article_is_stored(
    session: Session, tmp_path: Path
) -> None:
    stored = article(1)
    listed = compute_identity("", "", "https://herald.example/amp/1")
    session.aliases[stored.url].add(listed)
    asyncio.run(keep(session, [stored]))
    session.close("finished")
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")
    assert set(database.visits.find("herald", [listed])) == {listed}
    database.close()


def test_a_spilled_line_holds_what_import_reads() -> None:
    line = article_to_import_row(article(1))
    assert line["url"] == "https://herald.example/news/1"
    assert "capture" not in line
    assert "dateline" not in line


@pytest.mark.threats("R12")
@pytest.mark.parametrize("free", [0, 4096])
def test_a_full_disk_leaves_no_half_article_in_the_file(
    session: Session, tmp_path: Path, free: int
) -> None:
    with closing(sqlite3.connect(tmp_path / "nkwire.db")) as other:
        other.execute("DROP TABLE version")
    with small_disk(tmp_path / "unsaved", 100) as disk:
        fill(disk, but=free)
        asyncio.run(keep(session, [article(1, "lantern " * 4000)]))
        assert [each.read_bytes() for each in disk.glob("*.jsonl")] == [b""]
    run = session.close("finished")
    assert run.outcome == "failed"
    assert "nor could they be written" in run.cause
    assert run.counts["lost"] == 1
