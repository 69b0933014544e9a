"""An article whose page forbids archiving: rights sink, nothing is recorded, and it is said."""

import gzip
from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import select, update

from cli.app import run
from crawler.warc.index import index_files
from storage import open_database
from storage.records import RunOutcome
from storage.tables.articles import article, version
from tests.crawler.conftest import Answer, Declaration, Declare, Site, World, page

HTML = ("Content-Type", "text/html; charset=utf-8")
META = '<head><meta name="robots" content="noindex, noarchive">'


def with_header(number: int, *values: str) -> Answer:
    headers = (HTML, *(("X-Robots-Tag", value) for value in values))
    return Answer(page(number).encode(), headers=headers)


def with_meta(number: int) -> Answer:
    return Answer(page(number).replace("<head>", META).encode(), headers=(HTML,))


def compressed_with_meta(number: int) -> Answer:
    answer = with_meta(number)
    headers = (HTML, ("Content-Encoding", "gzip"))
    return Answer(gzip.compress(answer.body), headers=headers)


def recorded(world: World) -> set[str]:
    return {response.url for response in index_files(world.warcs()).responses}


def rights(world: World) -> dict[str, str]:
    return {row.url.rsplit("/", 1)[1]: row.rights for row in world.articles()}


@pytest.fixture
def outlet(site: Site, declare: Declare) -> Declaration:
    site.put_feed([1, 2])
    site.put_article(1)
    return declare()


@pytest.mark.threats("R3")
@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (with_header(2, "noarchive"), "X-Robots-Tag: noarchive"),
        (with_header(2, "NOARCHIVE"), "X-Robots-Tag: noarchive"),
        (with_header(2, "noindex", "nkwire: noarchive"), "X-Robots-Tag: noarchive"),
        (with_header(2, "noindex, nocache"), "X-Robots-Tag: nocache"),
        (with_meta(2), "meta robots: noarchive"),
        (compressed_with_meta(2), "meta robots: noarchive"),
    ],
)  # fmt: skip
def test_its_rights_are_its_lead_and_its_page_is_not_recorded(
    answer: Answer, rule: str, outlet: Declaration, site: Site, world: World
) -> None:
    site.answers["/news/2"] = answer
    ended = world.crawl(outlet)
    assert ended.outcome is RunOutcome.OK
    assert ended.counts["page.noarchive"] == ended.counts["not_recorded"] == 1
    assert f"1 page that forbids archiving ({rule}, such as {site.url('/news/2')})" in ended.cause
    assert rights(world) == {"1": "full", "2": f"lead: {rule}"}
    assert site.url("/news/1") in recorded(world)
    assert site.url("/news/2") not in recorded(world)
    with open_database(world.url) as database:
        for row in database.articles.iter():
            [capture] = database.articles.captures(row.id)
            assert bool(capture.warc_file) is row.url.endswith("1")


@pytest.mark.parametrize(
    "values", [("noindex, nofollow",), ("googlebot: noarchive",), ("max-image-preview:none",)]
)
def test_rules_that_do_not_concern_it_change_nothing(
    values: tuple[str, ...], outlet: Declaration, site: Site, world: World
) -> None:
    site.answers["/news/2"] = with_header(2, *values)
    ended = world.crawl(outlet)
    assert rights(world) == {"1": "full", "2": "full"}
    assert site.url("/news/2") in recorded(world)
    assert "page.noarchive" not in ended.counts


def test_a_rule_that_comes_later_lowers_the_rights_of_all_versions_for_good(
    outlet: Declaration, site: Site, world: World
) -> None:
    site.put_article(2)
    world.crawl(outlet)
    assert rights(world)["2"] == "full"
    for answer in (with_header(2, "noarchive"), with_header(2)):
        site.answers["/news/2"] = answer
        revisit_all(world)
        ended = world.crawl(outlet)
        assert (ended.counts["revisit.present"], ended.counts["stored.unchanged"]) == (2, 2)
        assert ended.outcome is RunOutcome.QUIET
        assert rights(world) == {"1": "full", "2": "lead: X-Robots-Tag: noarchive"}


def test_a_new_version_has_the_rights_of_its_own_page_and_the_old_one_keeps_its(
    outlet: Declaration, site: Site, world: World
) -> None:
    site.answers["/news/2"] = with_header(2, "noarchive")
    world.crawl(outlet)
    site.put_article(2, "A correction was added to the report of the lantern office.")
    revisit_all(world)
    assert world.crawl(outlet).counts["stored.edited"] == 1
    [edited] = [row for row in world.articles() if row.url.endswith("2")]
    with open_database(world.url) as database:
        query = select(version.c.rights).where(version.c.article_id == edited.id)
        found = database.read(lambda connection: connection.scalars(query).all())
    assert sorted(found) == ["full", "lead: X-Robots-Tag: noarchive"]


def test_robots_txt_and_feeds_are_read_whatever_their_header_says(
    outlet: Declaration, site: Site, world: World
) -> None:
    site.put_article(2)
    feed = site.answers["/feed"]
    site.put("/feed", feed.body, headers=(*feed.headers, ("X-Robots-Tag", "noindex, noarchive")))
    ended = world.crawl(outlet)
    assert ended.counts["stored.new"] == 2
    assert rights(world) == {"1": "full", "2": "full"}
    assert site.url("/feed") not in recorded(world)


@pytest.mark.threats("R3")
def test_show_and_exports_name_the_rule_and_pass_on_no_more_than_the_lead(
    outlet: Declaration,
    site: Site,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site.answers["/news/2"] = with_header(2, "noarchive")
    world.crawl(outlet)
    [found] = [row for row in world.articles() if row.url.endswith("2")]
    monkeypatch.setenv("NKWIRE_HOME", str(world.home))
    monkeypatch.delenv("NKWIRE_DATABASE_URL", raising=False)
    assert run(["show", str(found.id)]) == 0
    assert "rights  lead: X-Robots-Tag: noarchive" in capsys.readouterr().out
    file = world.home / "out.jsonl"
    assert run(["export", str(file)]) == 0
    rows = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    texts = {row["rights"]: row["text"] for row in rows}
    assert texts["lead: X-Robots-Tag: noarchive"] == ""
    assert "granite harbour" in texts["full"]


def revisit_all(world: World) -> None:
    past = datetime(2000, 1, 1, tzinfo=UTC)
    with open_database(world.url) as database:
        database.write(lambda c: c.execute(update(article).values(next_check_at=past)))
