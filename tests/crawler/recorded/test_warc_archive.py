"""Captures against their recorded pages: damage is found, reading again makes no fake edits."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from cli.app import run
from crawler.recorded.warc_archive import EvidenceError, WarcArchive, verify_captures
from crawler.warc.writer import Exchange, WarcWriter
from storage import Database, open_database
from storage.records import Article, Capture

URL = "https://herald.test/news/2026/03/farm"
FIRST = datetime(2026, 3, 1, 6, tzinfo=UTC)
SENTENCES = " ".join(f"Sentence {n} tells of the new dairy farm in the county." for n in range(20))
PAGE = (
    "<html lang=en><head><title>Farm opened</title></head><body><nav>Menu Contact</nav><article>"
    "<h1>Farm opened</h1><p>{}</p></article></body></html>"
)

Record = Callable[[float, str], Capture]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """Write an answer into a WARC file; the capture that points to it."""
    writer = WarcWriter(tmp_path / "warc" / "herald.test" / "one.warc.gz")

    def write(hours: float, words: str) -> Capture:
        body, at = PAGE.format(words).encode(), FIRST + timedelta(hours=hours)
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        offset = writer.write(Exchange(URL, at, 200, headers, body))
        digest = sha256(body).hexdigest()
        return Capture(URL, at, 200, digest, warc_file="one.warc.gz", warc_offset=offset)

    yield write
    writer.close()


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("NKWIRE_HOME", str(tmp_path))
    monkeypatch.delenv("NKWIRE_DATABASE_URL", raising=False)
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}", seed=1)
    yield database
    database.close()


def article(capture: Capture, text: str) -> Article:
    return Article(
        outlet="herald.test",
        url=URL,
        title="Farm opened",
        text=text,
        capture=capture,
        rules_version="old",
    )


def test_pages_that_are_as_captured_are_told_from_others(
    record: Record, corpus: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = record(0, SENTENCES)
    forged = replace(record(1, SENTENCES + " More."), body_sha256="0" * 64)
    lost = replace(record(2, SENTENCES), warc_file="lost.warc.gz")
    astray = replace(record(3, SENTENCES), warc_offset=7)
    for capture in (good, forged, lost, astray):
        corpus.save([article(capture, f"{SENTENCES} {capture.fetched_at}")])
    found = [
        page
        for _, page in verify_captures(
            WarcArchive([tmp_path / "warc"]), corpus.changes.recorded_captures()
        )
    ]
    causes = [each.cause if isinstance(each, EvidenceError) else "good" for each in found]
    assert causes == ["good", "digest of the capture", "no such file", "unreadable record"]
    assert run(["verify"]) == 1
    assert "1 as captured" in capsys.readouterr().out


def test_a_record_that_was_changed_is_found(
    record: Record, corpus: Database, tmp_path: Path
) -> None:
    corpus.save([article(record(0, SENTENCES), SENTENCES)])
    (path,) = (tmp_path / "warc").rglob("*.gz")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    assert run(["verify"]) == 1


def test_reading_again_by_todays_rules_makes_no_fake_edits(
    record: Record, corpus: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = SENTENCES.replace("Sentence 7", "Sentence 70")
    corpus.save([article(record(0, SENTENCES), f"Menu Contact\n{SENTENCES}")])
    corpus.save([article(record(5, SENTENCES), f"Menu Contact\n{SENTENCES}")])
    corpus.save([article(record(9, edited), f"Menu Contact\n{edited}")])
    assert [change.kinds for change in corpus.changes.iter()] == [("body", "numbers")]
    assert run(["reextract", "--dry-run"]) == 0
    assert "3 read differently" in capsys.readouterr().out
    assert len(corpus.articles.versions(1)) == 2
    assert run(["reextract"]) == 0
    (found,) = corpus.changes.iter(boring=True)
    assert (found.nature, found.after_at, found.before_at) == (
        "edit",
        FIRST + timedelta(hours=5),
        FIRST + timedelta(hours=9),
    )
    assert "Menu" not in corpus.articles.get(1).text
    capsys.readouterr()
    assert run(["reextract", "--dry-run"]) == 0
    assert capsys.readouterr().out == "3 read as before\n"


def test_reading_again_since_a_day_neither_makes_nor_hides_an_edit(
    record: Record, corpus: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = SENTENCES.replace("Sentence 7", "Sentence 70")
    corpus.save([article(record(0, SENTENCES), f"Menu Contact\n{SENTENCES}")])
    corpus.save([article(record(48, edited), f"Menu Contact\n{edited}")])
    before = [(each.nature, each.after_at, each.before_at) for each in corpus.changes.iter()]
    assert run(["reextract", "--since", "2026-03-03", "--dry-run"]) == 0
    assert "2 read differently" in capsys.readouterr().out
    assert len(corpus.articles.versions(1)) == 2
    assert run(["reextract", "--since", "2026-03-03"]) == 0
    (found,) = corpus.changes.iter(boring=True)
    assert [(found.nature, found.after_at, found.before_at)] == before
    assert [each.rules_version for each in corpus.articles.versions(1)].count("old") == 2


def test_a_version_records_the_rules_that_read_it(record: Record, corpus: Database) -> None:
    corpus.save([article(record(0, SENTENCES), f"Menu Contact\n{SENTENCES}")])
    assert run(["reextract"]) == 0
    old, new = corpus.articles.versions(1)
    assert old.rules_version == "old"
    assert new.rules_version not in ("", "old")
    assert list(corpus.changes.iter(boring=True)) == []


def test_a_person_s_word_outlives_a_reading_by_other_rules(
    record: Record, corpus: Database
) -> None:
    edited = SENTENCES.replace("Sentence 7", "Sentence 70")
    for hours, words in ((0, SENTENCES), (3, SENTENCES), (5, edited), (9, edited)):
        corpus.save([article(record(hours, words), f"Menu Contact\n{words}")])
    (found,) = corpus.changes.iter()
    assert run(["changes", "--boring", str(found.id)]) == 0
    assert run(["reextract"]) == 0
    assert len(corpus.articles.versions(1)) == 4
    assert list(corpus.changes.iter()) == []
    (again,) = corpus.changes.iter(boring=True)
    assert (again.nature, again.ruled) == ("edit", True)
    assert (again.old_id, again.new_id) != (found.old_id, found.new_id)
    assert run(["changes", "--not-boring", str(again.id)]) == 0
    assert len(list(corpus.changes.iter())) == 1
