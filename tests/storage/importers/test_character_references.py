"""Character references in the short fields of other systems become the characters that were meant."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.importers.character_references import replace_references
from storage.importers.jsonl_reader import read_jsonl
from storage.records import Article

CASES = [
    ("Q&amp;A with the envoy", "Q&A with the envoy"),
    ("Kim&#39;s &quot;visit&quot;", 'Kim\'s "visit"'),
    ("&#xAE40;&#51221;&#51008;", "김정은"),
    ("Rock &amp;amp; roll", "Rock & roll"),
    ("A&nbsp;B", "A\xa0B"),
    ("&lt;b&gt;Bold&lt;/b&gt;", "<b>Bold</b>"),
    ("AT&T, R&D, ?a=1&copy=2, &notin", "AT&T, R&D, ?a=1&copy=2, &notin"),
    ("&unknownname; &#; &;", "&unknownname; &#; &;"),
    ("&#0; &#xD800;", "\ufffd \ufffd"),
]


@pytest.mark.threats("S17")
@pytest.mark.parametrize(("given_text", "meant"), CASES)
def test_references_become_characters(given_text: str, meant: str) -> None:
    assert replace_references(given_text) == meant


def read(tmp_path: Path, **fields: object) -> Article:
    row = {"url": "https://outlet.test/1", "text": "AT&amp;T is in the text.", **fields}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row))
    (found,) = read_jsonl(path)
    assert isinstance(found, Article)
    return found


@pytest.mark.threats("S17")
def test_the_short_fields_of_a_row_are_read_so_and_its_text_is_not(tmp_path: Path) -> None:
    fields = {"title": "Q&amp;A", "description": "B&amp;C", "section": "D&amp;E"}
    found = read(tmp_path, **fields, authors=["Kim &amp; Ri"], tags="F&amp;G")
    assert (found.title, found.lead, found.section) == ("Q&A", "B&C", "D&E")
    assert (found.authors, found.tags) == (("Kim & Ri",), ("F&G",))
    assert found.text == "AT&amp;T is in the text."


def test_an_export_of_ours_keeps_every_sign(tmp_path: Path) -> None:
    found = read(tmp_path, title="Q&amp;A", authors=["Kim &amp; Ri"], content_sha256="0" * 64)
    assert (found.title, found.authors) == ("Q&amp;A", ("Kim &amp; Ri",))


@given(st.text(alphabet="&#xamp;lt0123 A가", max_size=60))
def test_any_text_can_be_read_and_one_without_references_stays(text: str) -> None:
    replaced = replace_references(text)
    if ";" not in text:
        assert replaced == text
