from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import open_database


def test_a_backup_is_a_database_of_its_own(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    said = nkwire("backup", "copy.db")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("copy.db: ")
    with open_database("sqlite:///copy.db", create=False) as copy:
        assert copy.article_total() == len(corpus)


@pytest.mark.parametrize(
    ("file", "told"),
    [("taken.db", "taken.db is there already: name a new file"), ("no/where.db", "no/where.db")],
)
def test_a_backup_that_cannot_be_written_is_the_users_error(
    file: str,
    told: str,
    nkwire: Callable[..., Any],
    corpus: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    (an_empty_folder / "taken.db").touch()
    said = nkwire("backup", file)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert told in said.err


def test_without_a_database_there_is_nothing_to_back_up(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    said = nkwire("backup", "copy.db")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert list(an_empty_folder.iterdir()) == []
