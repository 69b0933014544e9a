"""One changed byte in what is stored is found, named and, with a recording, mended."""

from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import Connection, select, text

from storage import Database
from storage.index.index_flush import discard_pending, insert_postings
from storage.index.pending_keys import unpack_keys
from storage.records import Article
from storage.saving.mending import mend_versions
from storage.tables.articles import signature
from storage.verification.files import find_file_problems
from storage.verification.indexes import iter_wrong_indexes
from storage.verification.versions import iter_damaged_signatures, iter_damaged_versions

pytestmark = pytest.mark.threats("R18")
Make = Callable[..., Article]
FLIP = "UPDATE {table} SET {column} = {value} WHERE {key} = 2"


def problems(database: Database) -> list[str]:
    return [
        *find_file_problems(database),
        *iter_damaged_versions(database),
        *iter_damaged_signatures(database, database.scheme),
        *iter_wrong_indexes(database),
    ]


def fields(n: int) -> dict[str, object]:
    return {"lead": f"Lead {n}", "authors": (f"Writer {n}",), "captions": (f"A harbour {n}",)}


@pytest.fixture
def filled(database: Database, make: Make) -> Database:
    database.save([make(n, at=n, **fields(n)) for n in range(1, 6)])
    database.save([make(3, at=9, text="Quite another text now. " * 20, **fields(3))])
    database.save([make(7), make(8, text="", title="Only a headline")])  # imported
    return database


def flip(database: Database, table: str, column: str, value: str, key: str = "id") -> None:
    statement = FLIP.format(table=table, column=column, value=value, key=key)
    changed = database.write(lambda connection: connection.execute(text(statement)).rowcount)
    assert changed == 1


def write_keys(database: Database) -> None:
    """Writes all keys that wait, as happens after many articles."""

    def write(connection: Connection) -> None:
        rows = connection.execute(select(signature)).all()
        for name, column in (("band", "bands"), ("fingerprint", "fingerprints")):
            pairs = {(k, row.article_id) for row in rows for k in unpack_keys(getattr(row, column))}
            keys, owners = (np.array(each, np.int64) for each in zip(*sorted(pairs), strict=True))
            insert_postings(connection, name, keys, owners)
        discard_pending(connection)

    database.write(write)


def test_a_sound_database_has_no_problems(filled: Database) -> None:
    assert problems(filled) == []


@pytest.mark.parametrize(
    ("column", "named"),
    [
        ("title", "title or text"),
        ("text", "title or text"),
        ("lead", "lead"),
        ("authors", "list of authors"),
        ("captions", "list of captions"),
        ("content_sha256", "title or text"),
    ],
)
def test_a_changed_letter_is_named_with_its_version(
    filled: Database, column: str, named: str
) -> None:
    flip(filled, "version", column, f"replace({column}, substr({column}, 5, 1), 'q')")
    lines = list(iter_damaged_versions(filled))
    assert len(lines) == 1
    assert lines[0].startswith("article 2, version 2, https://outlet.test/2: the " + named)
    assert "restore a backup" in lines[0]


def test_texts_that_are_swapped_are_found(filled: Database) -> None:
    flip(filled, "version", "text", "(SELECT text FROM version WHERE id = 1)")
    assert len(list(iter_damaged_versions(filled))) == 1


def test_a_text_cut_short_is_found(filled: Database) -> None:
    flip(filled, "version", "text", "substr(text, 1, 20)")
    assert len(list(iter_damaged_versions(filled))) == 1


@pytest.mark.parametrize("column", ["signature", "bands", "fingerprints", "text_hash", "shingles"])
def test_a_changed_signature_is_named(filled: Database, column: str) -> None:
    def change(connection: object) -> None:
        run = connection.execute  # type: ignore[attr-defined]
        value = run(text(f"SELECT {column} FROM signature WHERE article_id = 2")).scalar()
        changed = value + 1 if column == "shingles" else bytes([value[0] ^ 1]) + value[1:]
        run(text(f"UPDATE signature SET {column} = :v WHERE article_id = 2"), {"v": changed})

    filled.write(change)
    lines = list(iter_damaged_signatures(filled, filled.scheme))
    assert len(lines) == 1
    assert lines[0].startswith("article 2, https://outlet.test/2: its signature")


@pytest.mark.parametrize("table", ["band", "fingerprint"])
@pytest.mark.parametrize("change", ["hash = hash + 1", "article_id = article_id + 1"])
def test_a_changed_row_of_the_dedup_index_is_found(
    filled: Database, table: str, change: str
) -> None:
    write_keys(filled)
    assert problems(filled) == []
    where = f"hash = (SELECT max(hash) FROM {table}) AND article_id = (SELECT max(article_id) FROM {table} WHERE hash = (SELECT max(hash) FROM {table}))"
    filled.write(lambda c: c.execute(text(f"UPDATE {table} SET {change} WHERE {where}")))
    [line] = list(iter_wrong_indexes(filled))
    assert line.startswith(f"the index {table} does not fit")


def test_a_missing_row_of_the_dedup_index_is_found(filled: Database) -> None:
    write_keys(filled)
    filled.write(
        lambda c: c.execute(text("DELETE FROM band WHERE hash = (SELECT min(hash) FROM band)"))
    )
    assert any("index band" in line for line in iter_wrong_indexes(filled))


def test_a_changed_search_index_is_found(filled: Database) -> None:
    def change(connection: object) -> None:
        run = connection.execute  # type: ignore[attr-defined]
        if filled.file is None:
            words = "array_to_tsvector(array_append(tsvector_to_array(words), 'zebra'))"
            run(text(f"UPDATE search_index SET words = {words} WHERE article_id = 2"))
        else:
            run(text("INSERT INTO search_index(rowid, title, text) VALUES (5, 'zebra', '')"))

    filled.write(change)
    assert [line for line in iter_wrong_indexes(filled) if "search index" in line]


def test_an_entry_at_a_wrong_place_is_found(filled: Database) -> None:
    flip(filled, "searched", "place", "place + 1", key="article_id")
    assert [line for line in iter_wrong_indexes(filled) if "search index" in line]


def test_only_an_outlet_is_checked_if_one_is_named(filled: Database) -> None:
    flip(filled, "version", "title", "'Forged'")
    assert list(iter_damaged_versions(filled, outlet="other")) == []
    assert len(list(iter_damaged_versions(filled, outlet="herald"))) == 1


def test_progress_is_told_in_batches(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.verification.versions.ROWS_PER_BATCH", 3)
    seen: list[tuple[int, int]] = []
    assert list(iter_damaged_versions(filled, progress=lambda *each: seen.append(each))) == []
    assert seen == [(3, 8), (6, 8), (8, 8)]


@pytest.mark.parametrize("column", ["title", "text", "lead", "authors", "captions"])
def test_what_was_extracted_again_mends_a_text(filled: Database, make: Make, column: str) -> None:
    before = filled.read(lambda c: c.execute(text("SELECT * FROM version WHERE id = 2")).one())
    value = "'[\"Nobody\"]'" if column in ("authors", "captions") else "'Forged'"
    flip(filled, "version", column, value)
    assert mend_versions(filled, make(2, at=2, **fields(2))) == [2]
    after = filled.read(lambda c: c.execute(text("SELECT * FROM version WHERE id = 2")).one())
    assert after == before
    assert problems(filled) == []


def test_another_extraction_mends_nothing(filled: Database, make: Make) -> None:
    flip(filled, "version", "title", "'Forged'")
    assert mend_versions(filled, make(2, at=2, title="Another headline")) == []
    assert mend_versions(filled, make(1, at=1, **fields(1))) == []


def test_a_text_that_is_no_utf8_is_named_and_mended(filled: Database, make: Make) -> None:
    if filled.file is None:
        pytest.skip("PostgreSQL stores no such text")
    flip(filled, "version", "text", "CAST(x'fffe41' || text AS TEXT)")
    [line] = list(iter_damaged_versions(filled))
    assert line.startswith("article 2, version 2,")
    assert mend_versions(filled, make(2, at=2, **fields(2))) == [2]
    assert problems(filled) == []


def test_a_list_that_cannot_be_read_is_named(filled: Database) -> None:
    flip(filled, "version", "authors", "'[\"'")
    [line] = list(iter_damaged_versions(filled))
    assert line.startswith("version 2 cannot be read")
