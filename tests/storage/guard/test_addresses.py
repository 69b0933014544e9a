"""Only http and https become stored addresses or links, from each carrier and in each output."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.link_urls import absolute_url
from crawler.extract.urls import base_of, canonical_url
from storage import open_database
from storage.atom import AtomFeed, Entry, format_feed
from storage.guard.addresses import NOT_WEB, web_address
from storage.importers.files import read_articles
from storage.importers.jsonl_reader import BadLine
from storage.records import Article

pytestmark = [pytest.mark.threats("S3", "U1")]

FORBIDDEN = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\x01javascript:alert(1)",
    " \t\r\n javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "javascript://news.example/%0aalert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "file:///etc/passwd",
    "FILE://localhost/etc/passwd",
    "ftp://news.example/1",
    "blob:https://news.example/1",
    "view-source:https://news.example/1",
    "feed:https://news.example/1",
    "mailto:desk@news.example",
    "//news.example/1",
    "/news/1",
    "news.example/1",
    "https:",
    "https:///news/1",
    "https:news.example",
    "https:\\\\news.example\\1",
    "https://",
    "https://news.example\\@evil.example/",
    "https://news.example:99999/",
    "https://news.example:-1/",
    "https://news.example:port/",
    "https://127%2e0.0.1/",
    "https://a b/",
    'https://"onmouseover="alert(1)/',
    "https://[::1/",
    "http://\u200b/",
    "ｊａｖａｓｃｒｉｐｔ:alert(1)",
    "",
    "#top",
    "?q=1",
]
ALLOWED = {
    "https://news.example/1": "https://news.example/1",
    "http://news.example": "http://news.example",
    " https://news.example/1\n": "https://news.example/1",
    "\x00https://news.example/1": "https://news.example/1",
    "ht\ntps://news.example/1": "https://news.example/1",
    "HTTPS://News.Example/A": "https://News.Example/A",
    "https://user:pw@news.example/1": "https://news.example/1",
    "https://kcna.kp@news.example/1": "https://news.example/1",
    "https://a@b@news.example/1": "https://news.example/1",
    "https://조선.example/뉴스?q=한 글": "https://조선.example/뉴스?q=한 글",
    "http://news.example:8080/1": "http://news.example:8080/1",
    "http://[2001:db8::1]:80/1": "http://[2001:db8::1]:80/1",
    "https://news.example/1?u=javascript:alert(1)": "https://news.example/1?u=javascript:alert(1)",
    "https://news.example/#javascript:x": "https://news.example/#javascript:x",
}


@pytest.mark.parametrize("text", FORBIDDEN)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    assert web_address(text) == ""


@pytest.mark.parametrize("text", ALLOWED)
def test_a_web_address_is_kept_without_what_browsers_leave_out(text: str) -> None:
    assert web_address(text) == ALLOWED[text]


@given(st.text() | st.sampled_from(FORBIDDEN).flatmap(lambda f: st.text().map(lambda t: t + f)))
def test_whatever_comes_an_address_begins_with_http_and_is_stable(text: str) -> None:
    address = web_address(text)
    assert not address or address.startswith(("http://", "https://"))
    assert web_address(address) == address
    assert "@" not in address.split("/")[2] if address else True


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize(
    "resolve",
    [
        lambda text: absolute_url(text, "https://news.example/list"),
        lambda text: canonical_url("https://news.example/1", text),
    ],
)
def test_a_link_or_a_canonical_address_leads_to_the_web(
    resolve: Callable[[str], str], text: str
) -> None:
    address = resolve(text)
    assert address == "" or address.startswith(("http://", "https://"))
    assert web_address(address) == address


def test_the_base_of_a_page_leads_to_the_web() -> None:
    from selectolax.lexbor import LexborHTMLParser

    for text in ("javascript:alert(1)//", "data:text/html,x", "file:///etc/"):
        tree = LexborHTMLParser(f'<base href="{text}">')
        assert base_of(tree, "https://news.example/1") == "https://news.example/1"


def rows() -> list[dict[str, str]]:
    written = [text for text in FORBIDDEN if text]
    addresses = ["https://news.example/first", *written, "https://user:pw@news.example/last"]
    return [
        {"url": url, "title": f"Lamp {n}", "text": "granite harbour " * 9, "outlet": "x"}
        for n, url in enumerate(addresses)
    ]


def write_jsonl(path: Path) -> Path:
    path = path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows())))
    return path


def write_json(path: Path) -> Path:
    path = path / "a.json"
    path.write_text(json.dumps(rows()))
    return path


def write_fundus(path: Path) -> Path:
    path = path / "fundus.json"
    made = [
        {
            "title": row["title"],
            "publishing_date": "2026-07-01",
            "html": {"responded_url": row["url"]},
            "body": {"summary": [row["text"]]},
            "outlet": "x",
        }
        for row in rows()
    ]
    path.write_text(json.dumps(made))
    return path


def write_csv(path: Path) -> Path:
    path = path / "a.csv"
    text = io.StringIO()
    writer = csv.DictWriter(text, ["url", "title", "text", "outlet"])
    writer.writeheader()
    writer.writerows(rows())
    path.write_text(text.getvalue(), newline="")
    return path


def write_parquet(path: Path) -> Path:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = path / "a.parquet"
    parquet.write_table(arrow.Table.from_pylist(rows()), path)
    return path


WRITERS = [write_jsonl, write_json, write_fundus, write_csv, write_parquet]


@pytest.mark.parametrize("write", WRITERS)
def test_an_import_keeps_what_has_a_web_address(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    read = list(read_articles(write(tmp_path)))
    kept = [article for article in read if isinstance(article, Article)]
    refused = [line for line in read if isinstance(line, BadLine)]
    assert [article.title for article in kept] == ["Lamp 0", f"Lamp {len(rows()) - 1}"]
    assert len(refused) == len(rows()) - 2
    assert all(line.reason.startswith(NOT_WEB) for line in refused)


def test_nothing_else_is_stored(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    try:
        good = [
            Article(
                outlet="x",
                url=f"https://a:b@news.example/{n}",
                title="a",
                text="",
                canonical_url=text,
            )
            for n, text in enumerate(FORBIDDEN)
        ]
        bad = [Article(outlet="x", url=text, title="a", text="") for text in FORBIDDEN]
        receipts = database.save([*good, *bad])
        assert [bool(receipt.reason) for receipt in receipts] == [False] * len(good) + [True] * len(
            bad
        )
        stored = list(database.articles.iter())
        assert {row.url for row in stored} == {
            f"https://news.example/{n}" for n in range(len(good))
        }
    finally:
        database.close()


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_feed_of_an_old_database_links_to_the_web_only(text: str) -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    entry = Entry(id="urn:x", title="t", updated_at=at, link=text, summary="")
    written = format_feed(
        AtomFeed(id="urn:f", title="t", updated_at=at, entries=[entry], page_link=text)
    )
    assert "<link" not in written
