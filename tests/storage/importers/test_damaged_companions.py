"""Damaged rows in the files beside an export are left out; the rest of the export comes in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.export.export import export
from storage.invariants import check_invariants
from storage.records import Article
from storage.reports.working_out import work_out
from storage.tables.articles import decision
from tests.storage.importers.test_round_trip import save_files

BEFORE_ALL_TIME, AFTER_ALL_TIME = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
AT = "2026-01-01T00:00:00Z"
STATE = {"article": 1, "was": "live", "state": "gone", "before_at": AT, "found_at": AT}
DECISION = {"a": 1, "b": 2, "verb": "must-link", "note": "", "decided_at": AT}
MOVE = {"story": 2, "article": 1, "into": 1, "left_at": AT}
REPORT_MOVE = {"report": 9, "into": None, "lead": 1, "reason": "gone", "redirected_at": AT}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("states", STATE | {"was": ["live"]}),
        ("states", STATE | {"state": {}}),
        ("states", STATE | {"how": "\ud800"}),
        ("states", STATE | {"before_at": BEFORE_ALL_TIME}),
        ("states", STATE | {"after_at": AFTER_ALL_TIME}),
        ("decisions", DECISION | {"note": "a\ud800\0"}),
        ("decisions", DECISION | {"decided_at": BEFORE_ALL_TIME}),
        ("moves", MOVE | {"left_at": AFTER_ALL_TIME}),
        ("report_moves", REPORT_MOVE | {"redirected_at": BEFORE_ALL_TIME}),
    ],
)
def test_a_row_beside_an_export_with_values_that_cannot_be_stored_does_no_harm(
    table: str,
    row: dict[str, Any],
    database: Database,
    new_corpus: Callable[[str], str],
    carriers: list[Article],
    tmp_path: Path,
) -> None:
    database.save(carriers[:4])
    work_out(database)
    file = tmp_path / "c.jsonl"
    export(database, file, format="jsonl")
    (tmp_path / f"c.{table}.jsonl").write_text(json.dumps(row) + "\n")
    with open_database(new_corpus(database.engine.dialect.name), seed=database.scheme.seed) as copy:
        save_files(copy, [file])
        work_out(copy)
        assert check_invariants(copy) == []
        assert [each.id for each in copy.articles.iter()] == [1, 2, 3, 4]


def test_a_rank_of_thousands_of_digits_is_left_out(
    database: Database, new_corpus: Callable[[str], str], carriers: list[Article], tmp_path: Path
) -> None:
    database.save(carriers[:1])
    file = tmp_path / "c.jsonl"
    export(database, file, format="jsonl")
    row = json.loads(file.read_bytes()) | {"outlet_rank": "9" * 5000}
    file.write_text(json.dumps(row) + "\n")
    with open_database(new_corpus(database.engine.dialect.name), seed=database.scheme.seed) as copy:
        save_files(copy, [file])
        assert copy.articles.get(1).url == carriers[0].url


def test_the_note_of_a_decision_is_stored_without_what_no_database_accepts(
    database: Database, carriers: list[Article]
) -> None:
    database.save(carriers[:2])
    database.decisions.add(1, 2, DecisionVerb.MUST_LINK, "same \udcff\0text")
    assert database.read(lambda c: c.scalars(select(decision.c.note)).all()) == ["same \ufffdtext"]
