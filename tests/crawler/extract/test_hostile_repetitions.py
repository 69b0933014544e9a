"""Pages that repeat what a pattern looks for cost what their size costs, not its square."""

import gzip
import json
from collections.abc import Callable

import pytest

from crawler.discovery import xml_source
from crawler.extract.body.script_text import _iter_values_in_scripts
from crawler.extract.extraction import Extraction
from crawler.extract.page import guard
from crawler.extract.page.jsonld import parse_block
from crawler.extract.page.page import Page
from crawler.extract.page.structured import parse_structured_data
from crawler.warc.content_coding import decode_body
from crawler.warc.records import HttpMessage
from storage.records import PageClass

ReadHtml = Callable[..., Extraction]
TEXT = (
    "<p>Rain is expected across the country from tomorrow afternoon, the bureau said on Monday.</p>"
)
N = 300_000
RING = [
    {"@type": "Person", "@id": f"#{number}", "name": [{"@id": f"#{(number + 1) % 190}"}] * 60}
    for number in range(190)
]
ARTICLE = {"@type": "NewsArticle", "headline": "Rain", "author": [{"@id": "#0"}] * 60}

BORNE = {
    "links-in-one-line": "<a href='/x'>a</a>" * (N // 6),
    "literal-of-escaped-quotes": '<script>x="' + '\\"' * N + "</script>",
    "literal-of-escaped-accents": "<script>x=`" + "\\`" * N + "</script>",
    "json-ld-cut-in-an-escape": '<script type="application/ld+json">{"a":"' + '\\"' * N + "\\</script>",
    "json-ld-ring": f'<script type="application/ld+json">{json.dumps([ARTICLE, *RING])}</script>',
}  # fmt: skip
TRIED = {
    "tags-in-a-tag-name": "<<a" * N,
    "formats-left-open": "".join(f"<p><font color=c{i}></p>" for i in range(2000)),
    "few-formats-in-many-paragraphs": "".join(f"<p><font color=c{i}></p>" for i in range(100))
    + "<p>a</p>" * 20_000,
    "options": "<select>" + "<option>a</option>" * (N // 10),
}


@pytest.mark.threats("S6")
@pytest.mark.parametrize("html", BORNE.values(), ids=BORNE)
def test_a_page_of_repetitions_is_read(html: str, read_html: ReadHtml) -> None:
    reading = read_html(f"<html><body><h1>Rain is expected</h1>{html}{TEXT * 4}</body></html>")
    assert reading.page_class in PageClass


@pytest.mark.threats("S6")
@pytest.mark.parametrize("html", TRIED.values(), ids=TRIED)
def test_a_page_of_tags_that_could_stall_a_parser_is_tried(html: str) -> None:
    assert not guard.is_cheap(html)


def test_a_page_with_some_hundred_options_is_read(read_html: ReadHtml) -> None:
    form = "<select>" + "<option>a</option>" * 500 + "</select>"
    reading = read_html(f"<html><body><h1>Rain is expected</h1>{form}{TEXT * 9}</body></html>")
    assert reading.page_class is PageClass.ARTICLE


def test_a_page_of_closed_formats_or_of_many_equal_ones_is_read(read_html: ReadHtml) -> None:
    closed = "".join(f"<p><font color=c{i}>a</font></p>" for i in range(5000))
    equal = "<p><b></p>" * 5000
    for html in (closed, equal):
        reading = read_html(f"<html><body><h1>Rain is expected</h1>{TEXT * 9}{html}</body></html>")
        assert not reading.reason.startswith("hostile page:")


def test_an_author_named_through_a_reference_is_found_beside_a_ring() -> None:
    anna = {"@type": "Person", "@id": "#anna", "name": "Anna Harbour"}
    article = ARTICLE | {"author": [{"@id": "#0"}, {"@id": "#anna"}]}
    block = f'<script type="application/ld+json">{json.dumps([article, anna, *RING[:9]])}</script>'
    page = Page(block.encode(), "https://example.com/a")
    assert parse_structured_data(page).authors == ["Anna Harbour"]


def test_rows_of_a_stream_that_state_too_much_are_not_copied_for_each_row() -> None:
    rows = "1:Tfffff,abc\\n" * 2000
    values = list(_iter_values_in_scripts([f'self.__next_f.push([1,"{rows}"])']))
    assert 0 < sum(len(value) for value in values) <= 4 * len(rows)


def test_a_block_that_ends_in_an_escape_keeps_its_first_members() -> None:
    assert parse_block('{"headline":"Rain","name":"a\\')["headline"] == "Rain"


def test_more_faults_than_are_repaired_do_not_cost_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xml_source, "_MAX_MARKS", 100)
    root = xml_source.parse_xml_text("<rss><a>x</a>" + "& " * 1000 + "<channel/></rss>")
    assert root is not None
    assert root.findtext("a") == "x"


def test_many_small_gzip_members_are_all_unpacked() -> None:
    body = gzip.compress(b"<p>a") * N
    message = HttpMessage("", 200, (("Content-Encoding", "gzip"),), body)
    assert decode_body(message) == b"<p>a" * N
