import io
import threading
import time
from collections.abc import Callable

import pytest

from storage import Database
from storage.errors import NotFound, TooSlow
from storage.export import streaming
from storage.export.export import ExportFormat, ExportOptions, export
from storage.export.streaming import stream_export
from storage.records import Article
from storage.search.query import BadQuery

MANY = 400


@pytest.fixture
def filled(corpus: Database, make_article: Callable[..., Article]) -> Database:
    corpus.save([make_article(number, text=f"Text {number}. " * 60) for number in range(MANY)])
    return corpus


def exporting() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "export"]


def wait_for_the_end() -> None:
    for each in exporting():
        each.join(10)
        assert not each.is_alive()


@pytest.mark.parametrize("format", ["jsonl", "csv", "xlsx", "parquet"])
def test_the_pieces_are_the_file(filled: Database, format: ExportFormat) -> None:
    pieces = list(stream_export(filled, format=format, seconds=60, language="en"))
    whole = io.BytesIO()
    export(filled, whole, format=format, language="en")
    assert b"".join(pieces) == whole.getvalue()
    assert max(map(len, pieces)) <= 2 * streaming.PIECE_BYTES
    wait_for_the_end()


def test_what_is_wrong_is_told_before_the_first_piece(filled: Database) -> None:
    with pytest.raises(BadQuery):
        next(stream_export(filled, format="csv", seconds=60, words='"open'))
    with pytest.raises(NotFound):
        next(stream_export(filled, format="csv", seconds=60, story=10**9))
    wait_for_the_end()


def test_an_export_that_nobody_reads_ends_and_the_database_can_be_written(
    filled: Database, make_article: Callable[..., Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "PIECE_BYTES", 1_000)
    pieces = stream_export(filled, format="jsonl", seconds=60)
    assert next(pieces)
    assert exporting()
    del pieces
    wait_for_the_end()
    filled.save([make_article(MANY + 1)])


def test_an_export_that_takes_too_long_is_broken_off(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "PIECE_BYTES", 1_000)
    pieces = stream_export(filled, format="jsonl", seconds=0.3)
    next(pieces)
    time.sleep(0.5)
    with pytest.raises(TooSlow, match="narrow the selection"):
        list(pieces)
    wait_for_the_end()


def test_declared_rights_limit_texts_beside_the_stored_ones(
    corpus: Database, make_article: Callable[..., Article]
) -> None:
    corpus.save([make_article(1, outlet="one"), make_article(2, outlet="two")])
    out = io.BytesIO()
    options = ExportOptions(declared_rights={"two": "none"})
    export(corpus, out, format="jsonl", options=options)
    first, second = out.getvalue().decode().splitlines()
    assert '"text":""' not in first
    assert '"text":""' in second
