from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


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
