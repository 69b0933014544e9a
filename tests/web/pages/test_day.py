import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import open_database
from tests.web import corpus
from tests.web.conftest import DECLARED, Site, serving
from web.options import WebOptions

PURPOSE = "nkwire collects what the world's press prints about North Korea"


def titles(site: Site, path: str) -> list[str]:
    return [row["article"]["title"] for row in site.get(path).json["rows"]]


def test_the_first_page_says_what_this_is_and_shows_the_latest_day(site: Site) -> None:
    page, twin = site.get("/").text, site.get("/index.json").json
    assert page.index(PURPOSE) < page.index("<h1>")
    number = len(corpus.article_keys())
    assert f"{number} articles, 2 Mar 2026 to 4 Mar 2026." in page
    assert twin["corpus"] == {
        "articles": number,
        "first_day": "2026-03-02",
        "last_day": "2026-03-04",
    }
    assert twin["day"] == "2026-03-04"
    assert "Nothing has come in today" in page
    assert 'href="/days/2026-03-04?language=en"' in page  # a link that shows the same tomorrow
    assert datetime.fromisoformat(twin["instead"]).date() <= datetime.now(UTC).date()


def test_an_empty_corpus_and_a_day_of_today_say_so(empty_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "nkwire.db"
    path.write_bytes(empty_sqlite.read_bytes())
    options = WebOptions(database_url=f"sqlite:///{path}", port=0)
    with serving(options) as site:
        assert "This corpus has no articles yet." in site.get("/").text
        assert "Nothing has come in" not in site.get("/").text
        assert "Articles come in with" in site.get("/").text
        assert "No article of this day is held." in site.get("/days/2026-01-05").text
        assert "There are no reports yet" in site.get("/reports").text
        assert "There are no stories of several articles yet" in site.get("/stories").text
        for address in ("/", "/days/2026-01-05", "/reports", "/stories"):
            assert "passes the filters" not in site.get(address).text, address
        now = datetime.now(UTC)
        with open_database(f"sqlite:///{path}") as database:
            each = corpus.article("kcna", "t1", "Of today", "A text. " * 50, now)
            mistaken = corpus.article(
                "kcna", "t2", "Of next year", "Another. " * 50, now + timedelta(days=400)
            )
            database.save([each, mistaken])
        twin = site.get("/index.json").json
        assert (twin["is_today"], twin["instead"]) == (True, None)
        assert [row["article"]["title"] for row in twin["rows"]] == ["Of today"]


def test_a_report_and_a_story_have_one_row_unless_copies_are_asked_for(site: Site) -> None:
    assert titles(site, "/days/2026-03-03.json") == [
        "Leader inspects Songrim Glass Works: KCNA",
        "김정은 송림유리공장 시찰",
    ]
    assert len(titles(site, "/days/2026-03-03.json?copies=1")) == 7
    page = site.get("/days/2026-03-03").text
    assert re.search(r'(Original|First seen|Origin unknown): <a href="/reports/2" ', page)
    assert re.search(r'href="/reports/2">\+ 4 outlets</a>', page)
    assert "<b>7</b> articles in <b>4</b> stories, carrying <b>2</b> reports" in page


def test_filters_narrow_rows_sums_and_facets(site: Site) -> None:
    twin = site.get("/days/2026-03-03.json?language=ko&cites=kcna").json
    assert (twin["articles"], twin["stories"]) == (3, 2)
    assert {each["value"] for each in twin["facets"]["outlets"]} == {"haebang", "seoul-ilbo"}
    assert twin["most_carried"] == []
    assert titles(site, "/days/2026-03-03.json?outlet=wire") == [
        "N. Korean leader visits glass works"
    ]
    empty = site.get("/days/2026-03-03?level=government").text
    assert "No article of this day passes the filters." in empty


def test_the_page_says_which_time_orders_it(site: Site) -> None:
    assert "by the time of publication, or of the first sight" in site.get("/days/2026-03-03").text
    seen = site.get("/days/2026-03-03?by=seen")
    assert "by the time when nkwire first saw them" in seen.text
    rows = re.findall(r'data-seen="([^"]+)"', seen.text)
    assert rows == sorted(rows, reverse=True)
    assert all(datetime.fromisoformat(each).tzinfo for each in rows)


def test_a_day_leads_to_its_neighbours_and_to_what_was_found(site: Site) -> None:
    page = site.get("/days/2026-03-03").text
    assert '<a rel="prev" href="/days/2026-03-02">← 2 Mar 2026</a>' in page
    assert '<a rel="next" href="/days/2026-03-04">4 Mar 2026 →</a>' in page
    filtered = site.get("/days/2026-03-03?language=ko&before=2026-03-03T09:00:00Z~9").text
    assert '<a rel="prev" href="/days/2026-03-02?language=ko">' in filtered
    edited = site.get("/days/2026-03-04").text
    assert ">1 edit</a>" in edited
    gone = site.get("/days/2026-03-19").text
    assert (
        '<a href="/changes?state=gone&amp;since=2026-03-19&amp;until=2026-03-19">1 removed</a>'
        in gone
    )


def test_an_article_of_which_only_the_day_is_known_has_no_hour(site: Site) -> None:
    twin = site.get("/days/2026-03-04.json").json
    assert twin["without_hour"] == 1
    assert sum(each["articles"] for each in twin["hours"]) == 2
    page = site.get("/days/2026-03-04").text
    assert '<time datetime="2026-03-04">–</time>' in page
    assert "Only the day is known" in page


def test_pages_of_a_day_show_each_story_once(tmp_path: Path, empty_sqlite: Path) -> None:
    path = tmp_path / "nkwire.db"
    path.write_bytes(empty_sqlite.read_bytes())
    with open_database(f"sqlite:///{path}") as database:
        database.save(
            [
                corpus.article(
                    "herald",
                    f"n{number}",
                    f"Headline {number}",
                    f"Word{number} tells of matter{number * 7}. " * 30,
                    corpus.DAY + timedelta(minutes=number // 2),
                )
                for number in range(120)
            ]
        )
    options = WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=DECLARED)
    with serving(options) as site:
        found: list[str] = []
        path_of_page = "/days/2026-03-02.json"
        while path_of_page:
            twin = site.get(path_of_page).json
            found += [row["article"]["title"] for row in twin["rows"]]
            path_of_page = (twin["next"] or "").removeprefix(site.url)
    assert found == [f"Headline {number}" for number in reversed(range(120))]


def test_what_is_no_day_is_refused(site: Site) -> None:
    answer = site.get("/days/yesterday")
    assert answer.status == 400
    assert "write it as 2026-01-05" in answer.text
