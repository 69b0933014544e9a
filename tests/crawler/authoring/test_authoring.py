"""What authors of outlets are given: evidence, samples with invented words, a template."""

import json
import re
import runpy
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.authoring.drafts import DraftError, write_draft
from crawler.authoring.inspection import inspect_page
from crawler.authoring.invented_words import replace_words
from crawler.authoring.page_samples import make_sample, write_sample
from crawler.authoring.source_samples import cut_source
from crawler.extract.page.page import Page
from crawler.registry import make_generic_outlet, outlet_for, outlets
from crawler.sources import Feed, JsonListing
from tests.crawler import child

if TYPE_CHECKING:
    from tests.crawler.conftest import Site

SAMPLES = Path(__file__).parents[3] / "tests/outlets"
NOW = datetime(2026, 3, 5, tzinfo=UTC)
OUTLETS = ["ap", "asahi", "bbc", "donga", "hani", "interfax", "jtbc", "kcna", "kommersant", "nikkei",
           "rfi", "rodong", "scmp", "tass", "xinhua", "yonhap", "yonhap_ko"]  # fmt: skip
PAGE = """<!doctype html><html lang="en"><head><title>Lantern office opens | Harbour Post</title>
<meta property="og:title" content="Lantern office opens"><meta name="author" content="Ann Reed">
<meta property="article:published_time" content="2026-03-04T10:05:22+09:00"></head><body>
<script>track()</script><nav class="menu"><a href="/a">Sport</a></nav>
<h1>Lantern office opens</h1><article class="story-news"><p>PYONGYANG, March 4 (Post) -- The lantern office was
opened by masons who had worked there for eleven months, witnesses said on Monday afternoon.</p>
<p>It holds seventy rooms and a granite staircase that nobody has counted, according to a clerk.</p>
<div class="ad"><p>Buy now</p></div><p>(END)</p></article></body></html>"""


def a_page(outlet: str) -> tuple[Page, dict[str, Any]]:
    path = next(path for path in sorted((SAMPLES / outlet).glob("*.json"))
                if "article" in json.loads(path.read_text("utf-8")))  # fmt: skip
    expected = json.loads(path.read_text("utf-8"))
    html = next(path.parent.glob(f"{path.stem}.*ml"))
    at = datetime.fromisoformat(expected["fetched_at"])
    return Page(html.read_bytes(), expected["url"], {}, at), expected


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_sample_is_read_as_the_page_was(outlet: str) -> None:
    page, expected = a_page(outlet)
    made = make_sample(page, outlet_for(page.url), NOW)
    article = made.expected["article"]
    assert article["text"]
    assert not [
        doubt for doubt in made.warnings if doubt.startswith(("title", "text", "published"))
    ]
    if at := expected["article"].get("published_at"):
        assert article["published_at"] == datetime.fromisoformat(at).isoformat()


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_sample_holds_none_of_the_page_s_sentences(outlet: str) -> None:
    page, expected = a_page(outlet)
    made = make_sample(page, outlet_for(page.url), NOW)
    lines = [line for line in expected["article"]["text"].split("\n") if len(line) > 30]
    assert lines
    assert not [line for line in lines if line[:30] in made.html]


@pytest.mark.parametrize("outlet", OUTLETS)
def test_none_of_a_page_s_words_are_left_in_its_sample(outlet: str) -> None:
    page, expected = a_page(outlet)
    html = make_sample(page, outlet_for(page.url), NOW).html
    visible = re.sub(r"<(?!meta|script)[^>]*>|https?://\S+|datetime=\S+", " ", html)
    fields = expected["article"]
    said = " ".join([fields["title"], fields["text"], *fields.get("tags", [])])
    rules = outlet_for(page.url).rules
    patterns = " ".join(p for each in rules for p in (*each.cut, *each.end, *each.erase))
    words = set(re.findall(r"[A-Za-zА-я]{5,}|[가-힣]{4,}|[一-龯]{4,}", said))
    kept = {word for word in words if replace_words(word) == word}
    made = {replace_words(word).lower() for word in words}
    left = {w for w in words - kept if w.lower() not in made and w.lower() not in patterns.lower()}
    assert not {word for word in left if re.search(rf"(?<!\w){word}(?!\w)", visible)}


FEED = """<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Harbour Post</title><!-- a remark by the editors --><item><title>Lantern office opens</title>
<link>https://en.yna.co.kr/view/AEN20260304000{0}00315</link><pubDate>Wed, 04 Mar 2026 10:0{0}:22 +0900</pubDate>
<description><![CDATA[<p>The lantern office was opened by masons.</p>]]></description>
<media:description>Masons at the lantern office</media:description></item>{1}</channel></rss>"""
ITEM = """<item><title>Granite quarry closes</title><link>https://en.yna.co.kr/view/AEN20260304000{0}00315</link>
<pubDate>Wed, 04 Mar 2026 10:0{0}:22 +0900</pubDate></item>"""


def test_a_feed_is_cut_to_its_first_items_with_invented_words() -> None:
    body = FEED.format(0, "".join(ITEM.format(number) for number in range(1, 8)))
    source = outlets()["yonhap"].sources[0]
    assert isinstance(source, Feed)
    made = make_sample(Page(body.encode(), source.url), outlets()["yonhap"], NOW)
    assert made.suffix == ".xml"
    assert [row["key"] for row in made.expected["links"]] == [
        f"AEN20260304000{n}00315" for n in range(3)
    ]
    assert made.expected["links"][0]["published_at"] == "2026-03-04T10:00:22+09:00"
    for words in ("Lantern office", "masons", "Granite quarry", "Harbour Post", "remark"):
        assert words not in made.html


def test_a_sitemap_is_cut_too() -> None:
    rows = "".join(
        f"<url><loc>https://en.yna.co.kr/view/AEN20260304000{n}00315</loc><lastmod>2026-03-04</lastmod></url>"
        for n in range(8)
    )
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    made = make_sample(
        Page(body.encode(), "https://en.yna.co.kr/a-sitemap.xml"), outlets()["yonhap"], NOW
    )
    assert (made.suffix, len(made.expected["links"])) == (".xml", 3)


def test_a_json_listing_keeps_what_is_declared() -> None:
    listing = JsonListing(
        "https://example.org/api", items="data.rows", link="at.url", title="t", date="d", lead="s"
    )
    row = {
        "at": {"url": "/n/1", "id": 7},
        "t": "Lantern office opens",
        "d": "2026-03-04",
        "s": None,
    }
    answer = {"data": {"rows": [{**row, "private": "masons"}] * 9, "total": 9}}
    text, suffix = cut_source(Page(json.dumps(answer).encode(), listing.url), listing)
    rows = json.loads(text)["data"]["rows"]
    assert suffix == ".yaml"
    assert len(rows) == 3
    assert (rows[0]["at"], rows[0]["d"]) == ({"url": "/n/1"}, "2026-03-04")
    assert "Lantern" not in text
    assert "masons" not in text
    with pytest.raises(ValueError, match="no list at"):
        cut_source(Page(b"{}", listing.url), listing)


def test_a_sample_keeps_what_matters_and_drops_the_rest() -> None:
    made = make_sample(Page(PAGE.encode(), "https://en.yna.co.kr/view/AEN20260304000100315"),
                  outlets()["yonhap"], NOW)  # fmt: skip
    assert "2026-03-04T10:05:22+09:00" in made.html
    assert "track()" not in made.html
    assert "Sport" not in made.html
    assert made.expected["article"]["published_at"] == "2026-03-04T10:05:22+09:00"


def test_the_text_that_a_script_holds_stays_in_the_sample_in_other_words() -> None:
    words = "".join(
        f"<p>Lantern office {n} was opened by masons, a clerk of it said.</p>" for n in range(8)
    )
    state = {"story": {"id": 7, "published": "2026-03-04T01:30:00Z", "body": words}, "ads": [1] * 9}
    html = (
        "<html lang=en><head><title>Lantern office opens</title></head><body><div id=__next></div>"
        f"<script id=__NEXT_DATA__ type=application/json>{json.dumps(state)}</script></body></html>"
    )
    url = "https://www.example.org/s/7"
    made = make_sample(Page(html.encode(), url), make_generic_outlet("example.org"), NOW)
    assert made.warnings == []
    assert made.expected["article"]["published_at"] == "2026-03-04T01:30:00+00:00"
    assert made.expected["article"]["text"].count("\n\n") == 4
    assert "masons" not in made.html
    assert made.html.count("[1, 1, 1, 1, 1]") == 1


@pytest.mark.parametrize("there", ["lantern.html", "lantern.json"])
def test_no_half_of_a_sample_is_left_where_one_file_exists(tmp_path: Path, there: str) -> None:
    page = Page(PAGE.encode(), "https://post.example/news/1", {}, NOW)
    sample = make_sample(page, make_generic_outlet("post.example"), NOW)
    (tmp_path / there).write_text("mine")
    with pytest.raises(FileExistsError):
        write_sample(sample, tmp_path, "lantern")
    assert [each.name for each in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_a_page_that_is_no_article_is_refused() -> None:
    page = Page(b"<html><title>404</title><h1>Page not found</h1></html>",
                "https://en.yna.co.kr/view/AEN20260304000100315")  # fmt: skip
    with pytest.raises(ValueError, match="no article"):
        make_sample(page, outlets()["yonhap"], NOW)


@given(st.text(max_size=200))
def test_rewording_keeps_digits_and_is_the_same_each_time(text: str) -> None:
    made = replace_words(text)
    assert made == replace_words(text)
    assert re.findall(r"[0-9]", made) == re.findall(r"[0-9]", text)


def test_words_of_times_stay_and_all_others_go() -> None:
    assert replace_words("Updated March 4, 2026 10:05 KST") == "Updated March 4, 2026 10:05 KST"
    assert replace_words("입력 2026년 3월 4일 오전 10시") == "입력 2026년 3월 4일 오전 10시"
    changed = ("Somebody", "조선중앙통신", "Трактор", "平壤", "ピョンヤン")
    assert all(replace_words(word) != word for word in changed)
    assert replace_words("Keep (END) here", [re.compile(r"\(END\)")]).endswith(
        "(END) " + replace_words("here")
    )


def test_an_inspection_says_what_won_and_what_else_could_have() -> None:
    page = Page(PAGE.encode(), "https://en.yna.co.kr/view/AEN20260304000100315")
    found = inspect_page(page, outlets()["yonhap"])
    sources = {each.source for each in found.evidence["title"]}
    assert {"meta og:title", "h1"} <= sources
    for name in ("title", "published_at", "authors", "text"):
        assert sum(each.is_used for each in found.evidence[name]) >= 1, name


@pytest.fixture
def program(
    children: ProcessPoolExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command line in a process that has loaded everything already."""

    def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path_factory.mktemp("said")
        asked = children.submit(child.run_program, [*map(str, arguments)], settings, folder)
        return asked.result(120)

    return run


def test_inspect_and_sample_fetch_a_page_as_a_crawl_would(
    site: "Site", tmp_path: Path, program: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    path = "/view/AEN20260304000100315"
    site.put(path, PAGE)
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n")
    found = {
        "NKWIRE_HOME": str(tmp_path / "home"),
        "NKWIRE_ALLOW_ADDRESSES": "127.0.0.0/8",
        "NKWIRE_RESOLVE": f"en.yna.co.kr={site.host}",
    }
    url = f"http://en.yna.co.kr{path}"
    shown = program("nkwire", "outlet", "inspect", url, **found)
    assert shown.returncode == 0, shown.stderr
    assert "yonhap" in shown.stdout
    assert "Lantern office opens" in shown.stdout
    sample = ("outlet", "sample", "yonhap", url, "--folder", tmp_path, "--slug", "a-2026")
    made = program("nkwire", *sample, **found)
    assert made.returncode == 0, made.stderr
    written = json.loads((tmp_path / "yonhap/a-2026.json").read_text("utf-8"))
    assert written["article"]["published_at"] == "2026-03-04T10:05:22+09:00"
    asked = [each.path for each in site.asked]
    assert asked == ["/robots.txt", path] * 2
    agents = [dict(each.headers.items()) for each in site.asked]
    assert all(any("nkwire" in value for value in agent.values()) for agent in agents)
    site.put("/robots.txt", "User-agent: *\nDisallow: /view\n")
    refused = program("nkwire", "outlet", "inspect", url, **found)
    assert refused.returncode == 2
    assert "robots" in refused.stderr


def test_the_old_commands_do_the_same_and_name_the_new_ones(
    tmp_path: Path, program: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    page, url = tmp_path / "page.html", "https://en.yna.co.kr/view/AEN20260304000100315"
    page.write_text(PAGE, "utf-8")
    shown = program("scrapy", "inspect", page, "--url", url)
    assert (shown.returncode, shown.stderr) == (
        0,
        "this command is now `nkwire outlet inspect`\n",
    )
    assert shown.stdout == program("nkwire", "outlet", "inspect", page, "--url", url).stdout
    given = ("yonhap", page, "--url", url, "--slug", "a-2026")
    written = program("scrapy", "fixture", *given, "--out", tmp_path)
    assert written.returncode == 0, written.stderr
    assert "`nkwire outlet sample`" in written.stderr
    assert json.loads((tmp_path / "yonhap/a-2026.json").read_text("utf-8"))["article"]["text"]
    refused = program("scrapy", "genspider", "kcna", "kcna.kp")
    assert refused.returncode == 2
    assert "`nkwire outlet new`" in refused.stderr
    assert "there is an outlet 'kcna' already" in refused.stderr


@pytest.mark.parametrize(
    ("home_page", "host", "feed"),
    [
        ("example.org", "example.org", "https://www.example.org/rss.xml"),
        ("www.example.org", "example.org", "https://www.example.org/rss.xml"),
        ("http://en.example.org/home", "en.example.org", "http://en.example.org/rss.xml"),
    ],
)
def test_a_draft_is_an_outlet_that_passes_the_checks(
    tmp_path: Path, home_page: str, host: str, feed: str
) -> None:
    path = write_draft("the_example", home_page, tmp_path / "new")
    made = runpy.run_path(str(path))["TheExample"]
    assert (path.name, made.name) == ("the_example.py", "the_example")
    assert made.hosts == (host,)
    assert made.sources[0].url == feed
    with pytest.raises(FileExistsError):
        write_draft("the_example", home_page, tmp_path / "new")


@pytest.mark.parametrize("name", ["", "Example", "3x", "a-b", "../x", "class", "x\ny"])
def test_a_draft_has_the_name_of_a_module(tmp_path: Path, name: str) -> None:
    with pytest.raises(DraftError, match="cannot be the name of an outlet: begin with a letter"):
        write_draft(name, "example.org", tmp_path)


@pytest.mark.parametrize(
    "home_page", ["", "example", "ftp://example.org", 'https://x.org".evil', "x.org\nimport os"]
)
def test_a_draft_needs_the_address_of_a_home_page(tmp_path: Path, home_page: str) -> None:
    with pytest.raises(DraftError, match="no address of a home page"):
        write_draft("example", home_page, tmp_path)
    assert list(tmp_path.iterdir()) == []
