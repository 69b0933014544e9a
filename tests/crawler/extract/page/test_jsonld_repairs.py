"""JSON-LD as sites write it: which scripts are blocks, and what is read from a broken block."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.page.jsonld import parse_block, parse_json_ld

BLOCK = '{"@type": "NewsArticle", "headline": "Boats run again"}'
MEANT = json.loads(BLOCK)


def objects(html: str) -> list[dict[str, Any]]:
    return parse_json_ld(LexborHTMLParser(html, scripting=True))


@pytest.mark.parametrize(
    "kind",
    [
        "application/ld+json",
        "application/ld&#x2B;json",
        "application/ld&#43;json",
        "application/ld&plus;json",
        "APPLICATION/LD+JSON",
        " application/ld+json ",
        "application/ld+json; charset=utf-8",
        'application/ld+json;profile="https://example.com"',
        "application/ld json",
        "application/json+ld",
        "text/ld+json",
    ],
)
def test_every_spelling_of_the_type_is_read(kind: str) -> None:
    assert objects(f"<head><script type='{kind}'>{BLOCK}</script></head>") == [MEANT]


@pytest.mark.parametrize(
    "kind", ["application/json", "text/javascript", "module", "", "text/x-old"]
)
def test_scripts_of_other_types_are_no_blocks(kind: str) -> None:
    assert objects(f"<script type='{kind}'>{BLOCK}</script>") == []


@pytest.mark.parametrize(
    "around",
    [
        "<!-- {} -->",
        "<!--[if lt IE 9]>{}<![endif]-->",
        "<body><!--\n<div>{}</div>\n--></body>",
        "<textarea>{}</textarea>",
        "<noscript>{}</noscript>",
        "<title>{}</title>",
        "<style>{}</style>",
    ],
)
def test_a_block_within_something_else_is_none(around: str) -> None:
    script = f'<script type="application/ld+json">{BLOCK}</script>'
    assert objects(around.format(script)) == []
    assert objects(around.format(script) + script) == [MEANT]


def test_a_block_within_another_script_is_none() -> None:
    quoted = f'<script type="application/ld+json">{BLOCK}<\\/script>'
    assert objects(f"<script>document.write('{quoted}')</script>") == []


BROKEN = {
    "entities": BLOCK.replace('"', "&quot;"),
    "numeric entities": BLOCK.replace('"', "&#34;"),
    "entities twice": BLOCK.replace('"', "&amp;quot;"),
    "json in a string": json.dumps(BLOCK),
    "comment before a bracket": BLOCK[:-1] + ", // the end\n}",
    "drupal's marks": f"<!--//--><![CDATA[//><!--\n{BLOCK}\n//--><!]]>",
    "cdata in comments": f"/*<![CDATA[*/{BLOCK}/*]]>*/",
    "plain cdata": f"<![CDATA[{BLOCK}]]>",
    "html comment": f"<!--\n{BLOCK}\n//-->",
    "comment first": f"/* made by a machine */ {BLOCK}",
    "no last bracket": BLOCK[:-1],
    "a bracket too many": BLOCK + "}",
    "long names": BLOCK.replace('"headline"', '"schema:headline"'),
    "longer names": BLOCK.replace('"headline"', '"https://schema.org/headline"'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_block_is_repaired(name: str) -> None:
    assert parse_block(BROKEN[name]) == MEANT


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('The "Gull" sails', 'The "Gull" sails'),
        ('"Gull" sails', '"Gull" sails'),
        ('He said: "Go, now" and left', 'He said: "Go, now" and left'),
        ("it\\'s here", "it's here"),
        ("one\ntwo", "one\ntwo"),
        ("https://example.com // no comment", "https://example.com // no comment"),
    ],
)
def test_marks_within_a_string_do_not_end_it(text: str, meant: str) -> None:
    assert parse_block(f'{{"headline": "{text}", "author": {{"name": "Anna"}}}}') == {
        "headline": meant,
        "author": {"name": "Anna"},
    }


@pytest.mark.parametrize("between", ["", "\n", ",", " ,\n", ";"])
def test_values_without_a_list_are_all_read(between: str) -> None:
    assert parse_block(f'{{"a": 1}}{between}{{"b": 2}}') == [{"a": 1}, {"b": 2}]


def test_the_author_is_read_from_a_block_beyond_repair() -> None:
    block = (
        '{"headline": "Boats" "genre": x, "author": [{"@type": "Person", "name": "Anna Harbour"}]}'
    )
    assert parse_block(block)["author"] == "Anna Harbour"


@given(st.recursive(st.text() | st.integers() | st.none(), lambda each: st.lists(each, max_size=3)
       | st.dictionaries(st.text(max_size=5), each, max_size=3), max_leaves=10))  # fmt: skip
def test_json_without_faults_is_read_as_it_is(value: Any) -> None:
    assert parse_block(json.dumps({"value": value})) == {"value": value}
