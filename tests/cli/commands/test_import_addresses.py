from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import open_database
from storage.records import Article


@pytest.mark.threats("S3", "U1")
def test_addresses_of_other_schemes_are_left_out_with_one_line(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    bad = [
        articles[0] | {"url": url} for url in ("javascript:alert(1)", "ftp://a.example/1", "//a/1")
    ]
    file = write("mixed.jsonl", articles[0], *bad, *articles[1:])
    imported = nkwire("import", file, "--json")
    assert imported.code == 3
    assert (imported.json["new"], imported.json["rejected"]) == (3, 3)
    (line,) = imported.err.splitlines()
    assert line.endswith(
        "3 left out: not an http(s) address, the first is 'javascript:alert(1)' in row 2"
    )


def test_rows_of_one_file_with_one_address_are_named_in_one_line(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    plain = articles[0] | {"url": "https://www.agency.example/news"}
    others = [
        plain | {"id": "x1", "url": "http://agency.example/news/#day-2", "text": "Another text."},
        plain | {"id": "x2"},
        plain,  # the same row again is not another article
        plain | {"url": "https://other.example/news", "id": "x3"},
        plain | {"key": "day-3", "id": "x4", "text": "The text of a third day."},
    ]
    file = write("pages.jsonl", plain, *others)
    for _ in range(2):
        said = nkwire("import", file, "--json")
        assert (said.code, said.json["shared_addresses"]) == (3, 2)
        (line,) = said.err.splitlines()
        assert line == (
            f"{file}: 2 rows have the address of another row of this file (the first is row 2:"
            " http://agency.example/news/#day-2): such rows are stored as versions of one article"
        )
    assert nkwire("import", write("one.jsonl", plain | {"text": "Edited."}), "--json").code == 0


def test_the_versions_in_an_export_share_no_addresses(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    nkwire("import", write("first.jsonl", *articles))
    nkwire("import", write("second.jsonl", articles[0] | {"text": "An edited text."}))
    for ending in ("jsonl", "csv", "xlsx"):
        assert nkwire("export", f"c.{ending}").code == 0
        assert Path(f"c.versions.{ending}").exists()
        url = f"sqlite:///{ending}.db"
        said = nkwire("import", f"c.{ending}", "--database", url, "--json")
        assert (said.code, said.err, said.json["shared_addresses"]) == (0, "", 0)
        assert (said.json["new"], said.json["edited"]) == (3, 1)


def test_the_spelling_of_a_declared_outlet_is_forgiven_and_named(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    rows = [
        article | {"outlet": name, "url": f"https://a.example/{name}".replace(" ", "")}
        for article, name in zip(
            articles * 2, ("KCNA", "KBS World", "Herald", "kcna"), strict=False
        )
    ]
    file = write("names.jsonl", *rows)
    said = nkwire("import", file)
    assert (said.code, said.err.splitlines()) == (
        0,
        [
            f"{file}: outlet KCNA is taken as kcna: 1 row",
            f"{file}: outlet KBS World is taken as kbs_world: 1 row",
        ],
    )
    found = nkwire("export", "-").rows
    assert sorted(row["outlet"] for row in found) == ["Herald", "kbs_world", "kcna", "kcna"]


def test_a_name_that_the_database_has_stays_as_it_is(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    row = articles[0] | {"outlet": "KCNA"}
    with open_database("sqlite:///old.db") as opened:
        opened.save([Article(outlet="KCNA", url=row["url"], title=row["title"], text=row["text"])])
    assert nkwire("export", "c.jsonl", "--database", "sqlite:///old.db").code == 0
    for file, database in ((write("a.jsonl", row), "old"), ("c.jsonl", "new")):
        said = nkwire("import", file, "--database", f"sqlite:///{database}.db")
        assert (said.code, said.err) == (0, "")
        found = nkwire("export", "-", "--database", f"sqlite:///{database}.db").rows
        assert [each["outlet"] for each in found] == ["KCNA"]
