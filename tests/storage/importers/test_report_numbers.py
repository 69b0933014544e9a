"""An export that is imported into an empty database gives its reports the same numbers."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import select

from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.export.export import export
from storage.invariants import check_invariants
from storage.records import Article
from storage.reports.carriage import load_carriage
from storage.reports.former_numbers import find_number
from storage.reports.working_out import work_out
from storage.snapshots.check import diff_snapshots
from storage.snapshots.create import SnapshotRequest, create_snapshot
from storage.tables.reports import report_redirect
from tests.storage.importers.test_round_trip import rows_of, save_files
from tests.storage.invented_reports import MakeCarrier


def export_to(database: Database, folder: Path) -> Path:
    folder.mkdir()
    export(database, folder / "c.jsonl", format="jsonl")
    return folder / "c.jsonl"


def test_reports_keep_the_numbers_of_the_export(
    database: Database,
    new_corpus: Callable[[str], str],
    carriers: list[Article],
    make_carrier: MakeCarrier,
    tmp_path: Path,
) -> None:
    for each in random.Random(3).sample(carriers[:28], 28):
        database.save([each])
        work_out(database)
    database.save([make_carrier(4, 0, 1, at=1), make_carrier(30, 6)])
    work_out(database)
    one, other = (each.lead.article_id for each in load_carriage(database)[:2])
    database.decisions.add(one, other, DecisionVerb.MUST_LINK)
    work_out(database)
    query = select(report_redirect.c.id).order_by(report_redirect.c.id)
    former = database.read(lambda c: c.scalars(query).all())
    numbers = [kept.id for kept in load_carriage(database)]
    assert numbers != sorted(numbers)
    file = export_to(database, tmp_path / "first")
    with open_database(new_corpus(database.engine.dialect.name), seed=database.scheme.seed) as copy:
        save_files(copy, [file])
        work_out(copy)
        export_to(copy, tmp_path / "second")
        first, second = rows_of(tmp_path / "first"), rows_of(tmp_path / "second")
        assert [row["report"] for row in second["c.jsonl"]] == [
            row["report"] for row in first["c.jsonl"]
        ]
        assert second == first
        assert [row["report"] for row in first["c.report_moves.jsonl"]] == former
        assert former
        for number in former:
            meaning, copied = (
                each.read(partial(find_number, number=number)) for each in (database, copy)
            )
            assert meaning == copied
        copy.save([make_carrier(40, 5, 3)])
        copy.save([make_carrier(41, 3, 3)])
        work_out(copy)
        assert check_invariants(copy) == []
        new = {kept.id for kept in load_carriage(copy)} - set(numbers)
        assert all(number > max(numbers) for number in new)


def test_reports_get_their_numbers_whatever_comes_between_an_import_and_their_working_out(
    database: Database,
    new_corpus: Callable[[str], str],
    make_carrier: MakeCarrier,
    tmp_path: Path,
) -> None:
    for number in (12, 4, 8, 0):
        database.save([make_carrier(number, number // 4)])
        work_out(database)
    numbers = {kept.lead.url: kept.id for kept in load_carriage(database)}
    file = export_to(database, tmp_path / "first")
    with open_database(new_corpus(database.engine.dialect.name), seed=database.scheme.seed) as copy:
        save_files(copy, [file], stop_after=3)
        work_out(copy)
        provisional = {kept.lead.url: kept.id for kept in load_carriage(copy)}
        assert min(provisional.values()) > max(numbers.values())
        save_files(copy, [file])
        copy.save([make_carrier(4, 1, 1, at=1)])
        copy.outlets.declare_ranks({"times": 1})
        work_out(copy)
        assert {kept.lead.url: kept.id for kept in load_carriage(copy)} == numbers
        for url, number in provisional.items():
            meaning = copy.read(partial(find_number, number=number))
            assert meaning.report == numbers[url]
        assert check_invariants(copy) == []


def test_a_snapshot_comparison_sees_reports_that_became_one(
    database: Database, make_carrier: MakeCarrier, tmp_path: Path
) -> None:
    receipts = database.save([make_carrier(n, n // 4) for n in (0, 3, 4, 7)])
    work_out(database)
    create_snapshot(database, tmp_path / "old", SnapshotRequest(name="old"))
    database.decisions.add(receipts[0].article_id, receipts[2].article_id, DecisionVerb.MUST_LINK)
    work_out(database)
    create_snapshot(database, tmp_path / "new", SnapshotRequest(name="new"))
    found = diff_snapshots(tmp_path / "old", tmp_path / "new").reports
    assert found.counts["merged"] == 1
    assert found.examples["merged"] == ["r2 is part of r1"]
