"""The threats of a web view: scripts of others (U1), other sites (U2), and requests made to hurt (U3)."""

import random
import shutil
import string
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest

from dedup.records import DecisionVerb
from storage import open_database
from storage.browsing.report_lines import load_report_lines
from storage.records import Capture, Dateline
from storage.reports.working_out import work_out
from tests.web import corpus
from tests.web.conftest import DECLARED, Site, serving
from tests.web.guard.every_address import EVERY_ADDRESS
from tests.web.hostile import PAYLOADS
from web.options import WebOptions
from web.page import Page
from web.pages.registry import PAGES
from web.parameters import ParameterKind

MAX_SECONDS = 4.0
ADDRESS_ATTRIBUTES = (
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "xlink:href",
    "poster",
    "srcdoc",
)
NO_ELEMENTS = {
    "iframe",
    "object",
    "embed",
    "img",
    "base",
    "style",
    "video",
    "audio",
    "marquee",
    "math",
}
OUTLET = "<b onclick=alert(1)>\"'&"


@dataclass(frozen=True)
class Hostile:
    """A process whose corpus is written by an enemy, and the addresses of what is in it."""

    site: Site
    addresses: tuple[str, ...]
    feeds: tuple[str, ...]


@pytest.fixture(scope="module")
def hostile(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    path = tmp_path_factory.mktemp("hostile") / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    url = f"sqlite:///{path}"
    with open_database(url) as database:
        for number, payload in enumerate(PAYLOADS):
            at = corpus.DAY + timedelta(days=1, hours=7, minutes=number)
            first = corpus.article(
                OUTLET if number % 2 else "herald",
                f"{payload[:60]}{number}",
                f"{payload} {number}",
                f"{corpus.VISIT}\n{payload} glass {number}\n{corpus.VISIT_END}",
                at,
            )
            written = replace(
                first,
                url=payload if number % 3 == 0 else f"https://herald.example/{quote(payload)}",
                canonical_url=payload,
                lead=payload,
                authors=(payload,),
                section=payload,
                tags=(payload,),
                captions=(payload,),
                external_id=payload,
                dateline=Dateline(place=payload, agency=payload),
                published_raw=payload,
                evidence={payload[:20]: payload},
            )
            database.save([written])
            if number % 4 == 0:
                seen_at = at + timedelta(hours=2)
                capture = Capture(url=payload, fetched_at=seen_at, status=200, etag=payload[:20])
                edited = replace(written, title=f"{payload} again", capture=capture)
                database.save([replace(edited, first_seen_at=seen_at)])
        database.changes.rebuild()
        ids = [row.id for row in database.articles.iter() if row.external_id]
        database.decisions.add(ids[0], ids[1], DecisionVerb.MUST_LINK, PAYLOADS[0])
        edits = [each for each in database.changes.iter(boring=True) if each.article_id in ids]
        database.changes.set_ruling(edits[0].id, boring=False, note=PAYLOADS[10])
        for outlet in (OUTLET, "herald"):
            database.health.assess(outlet, corpus.DAY + timedelta(days=3))
        work_out(database)
        stories = {database.articles.get(each).story_id for each in ids}
        reports = [each.id for each in load_report_lines(database, limit=10).rows]
    addresses = (
        *(f"/reports/{each}" for each in reports),
        *(f"/articles/{each}" for each in ids),
        *(f"/compare/{a}/{b}" for a, b in list(pairwise(ids))[:20]),
        *(f"/diff/{each.old_id}/{each.new_id}" for each in edits),
        *(f"/stories/{each}" for each in sorted(stories)[:10]),
        *(f"/graph/s{each}" for each in sorted(stories)[:3]),
        *(f"/outlets/{quote(name, safe='')}" for name in (OUTLET, "herald", "<script>")),
        *(
            "/",
            "/?copies=1",
            "/days/2026-03-03",
            "/days/2026-03-03?copies=1",
            "/reports",
            "/stories",
        ),
        *("/changes", "/changes?boring=1", "/outlets", "/timeline", "/latency", "/decisions"),
        f"/decisions/split?article={ids[0]}",
        *(f"/search?{urlencode({'q': each})}" for each in PAYLOADS),
        *(f"/export?{urlencode({'q': each, 'outlet': each})}" for each in PAYLOADS[::6]),
        *(f"/timeline?{urlencode({'q': each})}" for each in PAYLOADS[::6]),
        *(f"/?{urlencode({each.split('=')[0] or 'x': each})}" for each in PAYLOADS[::6]),
        *(f"/{quote(each, safe='')}" for each in PAYLOADS[::3]),
    )
    feeds = (
        "/feed/day.atom",
        "/feed/changes.atom?boring=1",
        *(f"/feed/search.atom?{urlencode({'q': each})}" for each in ("glass", *PAYLOADS[::6])),
        *(f"/graph/s{each}.{end}" for each in sorted(stories)[:3] for end in ("svg", "graphml")),
    )
    options = WebOptions(database_url=url, port=0, outlets=DECLARED)
    with serving(options) as running:
        yield Hostile(running, addresses, feeds)


def faults(site: Site, text: str) -> Iterator[str]:
    """Yields what in a page could run, load or send anything that is not ours."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    for element in tree.iter():
        name = str(element.tag).rpartition("}")[2].lower()
        if name in NO_ELEMENTS:
            yield f"<{name}>"
        if name == "script" and (element.text or "").strip():
            yield f"a script: {element.text}"
        if name == "meta" and "http-equiv" in element.attrib:
            yield "a meta element that acts"
        for attribute, value in element.attrib.items():
            if attribute.lower().startswith("on") or attribute == "style":
                yield f"{attribute} of <{name}>"
            if attribute not in ADDRESS_ATTRIBUTES:
                continue
            if name in ("script", "link") and not value.startswith(("/", "#")):
                yield f"<{name}> loads {value}"
            elif name == "form" and (not value.startswith("/") or value.startswith("//")):
                yield f"a form goes to {value}"
            elif urlsplit(value).scheme not in ("", "http", "https"):
                yield f"<{name} {attribute}={value!r}>"
            elif value.startswith(("//", "/\\")):
                yield f"<{name}> leads to {value}"


@pytest.mark.threats("U1")
def test_no_text_of_others_becomes_markup_on_any_page(hostile: Hostile) -> None:
    found = []
    for address in hostile.addresses:
        answer = hostile.site.get(address)
        if answer.status in (HTTPStatus.FOUND, HTTPStatus.MOVED_PERMANENTLY):
            assert answer.headers["location"].startswith("/"), address
            assert not answer.headers["location"].startswith("//"), address
            continue
        assert answer.status in (200, 400, 404), (address, answer.status)
        found += [(address, fault) for fault in faults(hostile.site, answer.text)]
    assert found == []
    statuses = [hostile.site.get(each).status for each in hostile.addresses[:60]]
    assert statuses.count(200) == 60


@pytest.mark.threats("U1")
def test_feeds_and_pictures_are_well_formed_and_run_nothing(hostile: Hostile) -> None:
    for address in hostile.feeds:
        answer = hostile.site.get(address)
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            continue
        assert answer.status == HTTPStatus.OK, address
        for element in ElementTree.fromstring(answer.body).iter():
            assert element.tag.rpartition("}")[2] not in ("script", "foreignObject"), address
            for name, value in element.attrib.items():
                assert not name.lower().startswith("on"), address
                if name.rpartition("}")[2] == "href":
                    assert urlsplit(value).scheme in ("", "http", "https", "urn"), (address, value)


@pytest.mark.threats("U1")
def test_every_page_that_is_declared_is_among_those_that_were_tried(hostile: Hostile) -> None:
    tried = {each.partition("?")[0].split("/")[1] for each in hostile.addresses}
    plain = {"about", "api"}
    assert {page.path.split("/")[1] for page in PAGES} <= tried | plain | {""}


@pytest.mark.threats("U2")
def test_another_site_can_neither_read_nor_write(site: Site) -> None:
    for address in EVERY_ADDRESS:
        assert site.get(address, {"Host": "evil.test"}).status == HTTPStatus.MISDIRECTED_REQUEST
        cross = {"Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"}
        read = site.get(address, cross)
        assert "access-control-allow-origin" not in read.headers
        assert read.headers["cross-origin-resource-policy"] == "same-origin"
        assert site.ask("POST", address, cross, b"a=1").status == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.threats("U2")
def test_what_is_signed_in_cannot_be_used_by_another_site(filled_sqlite: Path) -> None:
    options = WebOptions(
        database_url=f"sqlite:///{filled_sqlite}", port=0, outlets=DECLARED, decide=True
    )
    with serving(options) as running:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"code": options.sign_in_code}).encode()
        signed_in = running.ask("POST", "/sign-in", form, body)
        headers = {**form, "Cookie": signed_in.headers["set-cookie"].partition(";")[0]}
        for origin in ("http://evil.test", f"http://localhost:{running.port}", "null"):
            for address in ("/decisions/merge", "/decisions/undo", "/sign-out"):
                answer = running.ask("POST", address, {**headers, "Origin": origin}, b"a=1&b=2")
                assert answer.status == HTTPStatus.FORBIDDEN, (origin, address)


def _fuzz(seed: int) -> list[str]:
    """200 strings of the pieces that queries, numbers and databases are made of."""
    pieces = [
        *"\"'()*-:^+~\\/%_;,.|&<>[]{}?#=@!$", " OR ", " AND ", " NOT ", " NEAR ", "NEAR/9", "title:",
        "--", "/*", "\x00", "\n", "\u202e", "\ud7ff", "é", "북한", "朝鮮", "😀", "a" * 200, "*" * 50,
        "((((((((((", "x" * 900, "1e309", "-1", "0x10", "٣", "9" * 19, "'; DROP TABLE article; --",
        "(a+)+$", "%s%n", "\\u0000",
    ]  # fmt: skip
    chosen = random.Random(seed)
    return [
        "".join(
            chosen.choice([*pieces, chosen.choice(string.ascii_letters)])
            for _ in range(chosen.randint(1, 12))
        )
        for _ in range(200)
    ]


def _timed(site: Site, address: str) -> int:
    started_at = time.monotonic()
    status = site.get(address).status
    assert time.monotonic() - started_at < MAX_SECONDS, address
    return status


@pytest.mark.threats("U3")
def test_no_search_breaks_a_page_or_takes_long(site: Site) -> None:
    for words in _fuzz(1):
        query = urlencode({"q": words})
        for path in ("/search", "/search.json", "/timeline", "/feed/search.atom", "/export.json"):
            status = _timed(site, f"{path}?{query}")
            assert status in (200, 302, 303, 301, 400, 404, 503), (path, words, status)


@pytest.mark.threats("U3")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_parameter_breaks_a_page(site: Site, page: Page) -> None:
    numbers = [
        "0",
        "-1",
        "1",
        "9" * 18,
        "9" * 19,
        "9" * 5_000,
        "1e9",
        "٣",
        "1.5",
        " 1",
        "+1",
        "NaN",
    ]
    positions = ["2026-01-01T00:00:00Z~1", "0001-01-01T00:00:00Z~0", "9999-12-31T23:59:59Z~9", "~"]
    days = ["2026-02-30", "0001-01-01", "9999-12-31", "2026-03-03", "20260303", "-1"]
    texts = ["", "\x00", "a" * 1_001, "%", "'", *_fuzz(2)[:12]]
    values = {
        ParameterKind.INTEGER: numbers,
        ParameterKind.POSITION: [*positions, *numbers[:3]],
        ParameterKind.DAY: days,
        ParameterKind.TEXT: [*texts, *numbers[:6]],
        ParameterKind.CHOICE: texts[:4],
        ParameterKind.FLAG: numbers[:4],
    }
    for path in _paths(page, numbers, days):
        assert _timed(site, path) < HTTPStatus.INTERNAL_SERVER_ERROR, path
    base = _paths(page, ["1"], ["2026-03-03"])[0]
    for parameter in page.parameters:
        for value in values[parameter.kind]:
            address = f"{base}?{urlencode({parameter.name: value})}"
            assert _timed(site, address) < HTTPStatus.INTERNAL_SERVER_ERROR, address


@pytest.mark.threats("U3")
def test_a_nul_is_refused_in_every_text(site: Site) -> None:
    texts = [
        (page, parameter)
        for page in PAGES
        for parameter in page.parameters
        if parameter.kind is ParameterKind.TEXT
    ]
    assert len(texts) > 10
    for page, parameter in texts:
        base = _paths(page, ["1"], ["2026-03-03"])[0]
        answer = site.get(f"{base}?{parameter.name}=a%00b")
        assert answer.status == HTTPStatus.BAD_REQUEST, (page.name, parameter.name)


def _paths(page: Page, numbers: list[str], days: list[str]) -> list[str]:
    """Addresses of a page with these values in all variables of its path."""
    paths = []
    for value in [*numbers, *days] if "{" in page.path else [""]:
        parts = [quote(value, safe="") if "{" in part else part for part in page.path.split("/")]
        paths.append("/".join(parts))
    return paths
