import shutil
from pathlib import Path

from dedup.records import DecisionVerb
from storage import open_database
from tests.web.conftest import DECLARED, Site, serving
from web.options import WebOptions


def test_a_story_lists_its_members_with_their_relation(site: Site) -> None:
    page, twin = site.get("/stories/1").text, site.get("/stories/1.json").json
    assert [
        (row["article"]["outlet"], row["is_lead"], row["relation"]) for row in twin["rows"]
    ] == [
        ("herald", False, "copy"),
        ("wire", False, "copy"),
        ("kcna", True, ""),
    ]
    assert page.index(">Kcna</a>") < page.index(">Herald</a>")  # the earliest first
    assert 'href="/compare/1/3"' in page
    assert 'href="/reports/2"' in page
    assert "3 articles of 3 outlets are this one text" in page


def test_stories_are_listed_with_the_latest_article_first(site: Site) -> None:
    def ids(query: str = "") -> list[int]:
        return [row["id"] for row in site.get(f"/stories.json{query}").json["rows"]]

    assert ids() == [3, 1]
    assert ids("?articles=3") == [1]
    assert ids("?outlet=haebang") == [3]
    assert set(ids()) < set(ids("?articles=1"))
    page = site.get("/stories?articles=1").text
    assert "Report of an unnamed day" in page
    assert "latest 4 Mar 2026" in page
    assert "4 Mar 2026, 00:00" not in page  # of that article only the day is known


def test_a_story_that_is_not_there_is_told(site: Site) -> None:
    assert site.get("/stories/99").status == 404
    assert site.get("/stories/one").status == 400


def test_a_former_number_leads_on_and_what_left_is_told(
    filled_sqlite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    with open_database(f"sqlite:///{path}") as database:
        (kcna,), (wire,), (snow,), (coal,) = map(database.articles.find, ("e1", "w1", "h2", "e2"))
        database.decisions.add(kcna, wire, DecisionVerb.CANNOT_LINK, "invented")
        database.decisions.add(snow, coal, DecisionVerb.MUST_LINK, "invented")
        database.recluster()
        merged = next(old for old in (5, 6) if database.stories.current_id(old) != old)
        current = database.stories.current_id(merged)
    options = WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=DECLARED)
    with serving(options) as site:
        answer = site.get(f"/stories/{merged}")
        assert (answer.status, answer.headers["location"]) == (301, f"/stories/{current}")
        assert answer.headers["cache-control"] == "private, no-cache"
        named = site.get(f"/stories/s{current}?before=2026-03-02T00:00:00Z~7")
        address = f"/stories/{current}?before=2026-03-02T00%3A00%3A00Z~7"
        assert (named.status, named.headers["location"]) == (301, address)
        twin = site.get(f"/stories/{merged}.json")
        assert twin.headers["location"] == f"/stories/{current}.json"
        left = site.get("/stories/1.json").json["left"]
        assert wire in [each["article"]["id"] for each in left]
        assert "No longer in this story" in site.get("/stories/1").text
