"""Labels that somebody damaged or made up: refused in one line that says where, never half read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.errors import UserError
from cli.labels import read_labels

IDS = {"first", "second", "third"}
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    def made(**files: bytes) -> Path:
        for name, content in files.items():
            stem, _, ending = name.rpartition("_")
            (tmp_path / f"{stem}.{ending}").write_bytes(content)
        return tmp_path

    return made


TABLES = [
    (b"id,story,report\nfirst,1,1\nsecond,1\nthird,2,2\n", "labels.csv:3: 2 cells in place of 3"),
    (b"id,story\nfirst\n", "labels.csv:2: 1 cells in place of 2"),
    (b"id,story\nfirst,1,7\n", "labels.csv:2: 3 cells in place of 2"),
    (b'id,story\nfirst,"1\n2"\nsecond\n', "labels.csv:4: 1 cells in place of 2"),
    (b"id,story\n,1\n", "labels.csv:2: no id"),
    (b"id,story,story\nfirst,1,2\n", "a column has the name of another"),
    (b"id,id,story\nfirst,second,2\n", "a column has the name of another"),
    (b"", "no column id"),
    (b"\n\n", "no column id"),
    (b"id,story\nfirst,\xff\n", "not CSV in UTF-8"),
    (b"id,story\nfirst,a\x00b\nfirst,c\n", "labels.csv"),
    (b"id;story\nfirst;1\n", "no column id"),
]


@pytest.mark.threats("R18")
@pytest.mark.parametrize(("table", "says"), TABLES)
def test_a_damaged_table_is_refused_with_its_line(table: bytes, says: str, folder: Folder) -> None:
    with pytest.raises(UserError) as told:
        read_labels(folder(labels_csv=table), IDS)
    assert says in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_empty_lines_and_a_byte_order_mark_are_passed_over(folder: Folder) -> None:
    found = read_labels(folder(labels_csv=b"\xef\xbb\xbfid,story\n\nfirst,1\n\nsecond,1\n"), IDS)
    assert found.stories == [["first", "second"]]


@pytest.mark.threats("R18")
@pytest.mark.parametrize("label", ["partial", "different", "anything"])
def test_a_pair_that_names_nobody_is_refused(label: str, folder: Folder) -> None:
    pairs = b'{"a": "first", "b": "second", "label": "partial"}\n'
    unknown = f'{{"a": "first", "b": "nobody", "label": "{label}"}}\n'.encode()
    made = folder(groups_json=b'{"reports": []}', pairs_jsonl=pairs + unknown)
    with pytest.raises(UserError, match=r"pairs\.jsonl:2: input\.jsonl has no article 'nobody'"):
        read_labels(made, IDS)
