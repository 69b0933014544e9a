"""Answers that are no HTML: what the hooks make of them, also of broken and hostile ones."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.page.page import Page
from crawler.outlet import Outlet
from crawler.registry import outlets
from spiders.platforms import arc, kcmsf
from spiders.platforms import nextjs as flight

STARTS = (
    "<?xml version='1.0'?><xsync><NData><content>",
    "<script>Fusion.globalContent=",
    'self.__next_f.push([1,"24:T10,<p>',
    '"body":{"type":"json","json":',
)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)

every_hooked_outlet = pytest.mark.parametrize(
    "outlet",
    [found for found in outlets().values() if "prepare" in vars(found)],
    ids=lambda found: found.name,
)


def page(text: str) -> Page:
    return Page(text.encode("utf-8", "replace"), "https://example.org/article")


def fusion(content: object) -> str:
    return f"<script>Fusion.globalContent={json.dumps(content)};Fusion.x=1;</script>"


def pushed(*chunks: str) -> str:
    calls = (f"self.__next_f.push([1,{json.dumps(chunk)}])" for chunk in chunks)
    return f"<script>{';'.join(calls)}</script>"


@every_hooked_outlet
@given(start=st.sampled_from(STARTS), rest=st.text())
def test_no_answer_breaks_a_hook(outlet: type[Outlet], start: str, rest: str) -> None:
    assert isinstance(outlet.prepare(page(start + rest)), Page)


@given(content=st.fixed_dictionaries({"content_elements": VALUES, "credits": VALUES}))
def test_an_arc_article_of_any_shape_gives_a_page(content: object) -> None:
    source = page(fusion(content))
    assert source.html in arc.add_article_html(source).html


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<p>nothing</p>", id="no script"),
        pytest.param('Fusion.globalContent={"content_elements":[', id="cut off"),
        pytest.param("Fusion.globalContent=" + "[" * 100_000, id="nested too deep"),
        pytest.param(fusion({"content_elements": []}), id="no elements"),
        pytest.param(fusion([1, 2]), id="not an object"),
    ],
)
def test_a_page_without_an_arc_article_stays_as_it_is(source: str) -> None:
    bare = page(source)
    assert arc.add_article_html(bare) is bare


def test_lists_in_an_arc_article_keep_their_lines() -> None:
    items = [{"type": "text", "content": "one"}, {"type": "text", "content": "two"}]
    source = page(fusion({"content_elements": [{"type": "list", "items": items}]}))
    assert "<p>one</p><p>two</p>" in arc.add_article_html(source).html


def test_flight_references_are_replaced_by_their_texts() -> None:
    text = "<p>다리</p>"
    size = len(text.encode())
    source = page(pushed(f"7:null\n24:T{size:x},", text, '5:{"detail":{"body":"$24","n":1}}\n'))
    assert flight.find_state_object(source, "detail") == {"body": text, "n": 1}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<p>nothing</p>", id="no script"),
        pytest.param(pushed('5:{"detail":{"body":'), id="cut off"),
        pytest.param(pushed('5:{"other":{}}'), id="another state"),
        pytest.param('self.__next_f.push([1,"\\x"])', id="not a JSON string"),
    ],
)
def test_a_page_without_the_state_gives_none(source: str) -> None:
    assert flight.find_state_object(page(source), "detail") == {}


def test_an_empty_list_of_the_old_kcna_is_an_empty_list() -> None:
    answer = "<?xml version='1.0'?><xsync><NMultiData></NMultiData></xsync>"
    assert kcmsf.convert_to_html(page(answer)).html == '<ul id="kcmsf"></ul>'


def test_a_list_of_the_old_kcna_cut_in_the_middle_keeps_its_rows() -> None:
    answer = "<xsync><NMultiData><articleCode>AR0000001</articleCode><dispTitle>Bri"
    made = kcmsf.convert_to_html(page(answer)).html
    assert "article_code=AR0000001" in made
    assert "Bri" in made


@pytest.mark.parametrize("source", ["<p>no answer</p>", "<xsync", ""])
def test_what_the_old_kcna_did_not_send_stays_as_it_is(source: str) -> None:
    bare = page(source)
    assert kcmsf.article_code(bare) == ""
    assert kcmsf.convert_to_html(bare).url == bare.url
