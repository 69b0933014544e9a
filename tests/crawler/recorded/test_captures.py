"""Captures of web archives: several of one address become dated versions, in whatever order they come."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from cli.app import run
from crawler.warc.writer import Exchange, WarcWriter, payload_digest
from storage import open_database
from tests.crawler import child
from tests.crawler.conftest import World

START = datetime(2013, 11, 1, 12, tzinfo=UTC)
SITE = "http://www.kcna.kp/en/article/detail/"
FARM, MINE = SITE + "1" * 32, SITE + "2" * 32
ARCHIVE = "https://web.archive.org/web/{:%Y%m%d%H%M%S}/{}"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
Capture = tuple[float, str, str]
# Day, address, body: two edits of one report; it is taken away, and comes back in its first wording.
CAPTURES: list[Capture] = [
    (0, FARM, "12 tons"),
    (0, MINE, "ore"),
    (9, FARM, "12 tons"),
    (20, FARM, "21 tons"),
    (30, FARM, "21 tons"),
    (40, FARM, ""),
    (40.01, MINE, "ore"),
    (60, FARM, ""),
    (60.01, MINE, "ore"),
    (70, FARM, "12 tons"),
]


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def page(words: str) -> bytes:
    body = "".join(
        f"<p>Paragraph {n} says that the lantern office number {n} has widened the harbour.</p>"
        for n in range(5)
    )
    return (
        "<html><head><title>KCNA | Office Opens</title></head><body><main><article>"
        f'<div class="container"><h1>Office Opens</h1>{body}<p>It gives {words} a day.</p></div>'
        "</article></main></body></html>"
    ).encode()


def warc(path: Path, *captures: Capture, archived: bool = False) -> Path:
    writer = WarcWriter(path)
    for day, url, words in captures:
        address = ARCHIVE.format(at(day), url) if archived else url
        body = page(words) if words else b"<html><h1>Not found</h1></html>"
        writer.write(Exchange(address, at(day), 200 if words else 404, HTML, body))
    writer.close()
    return path


def told(world: World) -> tuple[list[tuple[str, float, float]], list[str]]:
    """Edits as (nature, after, before) in days, and the transitions, in order of time."""
    database = open_database(world.url)
    try:
        edits = sorted(database.changes.iter(boring=True), key=lambda each: each.found_at)
        states = sorted(database.changes.transitions(), key=lambda each: each.found_at)
        days = [
            (
                each.nature.value,
                (each.after_at - START) / timedelta(1),
                (each.before_at - START) / timedelta(1),
            )
            for each in edits
            if each.after_at and each.before_at
        ]
        assert len(days) == len(edits)
        return days, [each.state.value for each in states]
    finally:
        database.close()


EDITS = [("edit", 9, 20), ("edit", 30, 70)]


@pytest.mark.parametrize("archived", [False, True], ids=["original", "archive-addresses"])
def test_captures_of_one_file_are_dated_versions_deletions_and_returns(
    world: World, tmp_path: Path, archived: bool
) -> None:
    world.ingest(warc(tmp_path / "a.warc.gz", *CAPTURES[::-1], archived=archived))
    edits, states = told(world)
    assert edits == EDITS
    assert states == ["missing", "restored"]
    again = world.ingest(warc(tmp_path / "b.warc.gz", *CAPTURES, archived=archived))
    assert told(world) == (edits, states)
    assert [run.counts.get("stored.edited", 0) for run in again] == [0]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(order, marks=() if order in {(1, 0, 2), (2, 1, 0)} else pytest.mark.slow)
        for order in permutations(range(3))
    ],
    ids=str,
)
def test_files_in_any_order_neither_invent_nor_lose_an_edit(
    world: World, tmp_path: Path, order: tuple[int, ...]
) -> None:
    parts = (CAPTURES[:3], CAPTURES[3:5], CAPTURES[5:])
    files = [warc(tmp_path / f"{n}.warc.gz", *part) for n, part in enumerate(parts)]
    for n in order:
        world.ingest(files[n])
    assert told(world)[0] == EDITS
    database = open_database(world.url)
    try:
        (farm,) = (each.id for each in database.articles.iter() if each.url == FARM)
        assert database.articles.get(farm).text.endswith("12 tons a day.")
        assert database.articles.get(farm).first_seen_at == START
        shown = [each.version_id for each in database.articles.captures(farm) if each.version_id]
        assert len(shown) == 5
    finally:
        database.close()


def revisit(path: Path, day: float, url: str, words: str) -> Path:
    """A record that says "the same body as before", as archives keep what did not change."""
    head = (
        f"WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Record-ID: <urn:uuid:{day}>\r\n"
        f"WARC-Date: {at(day):%Y-%m-%dT%H:%M:%SZ}\r\nWARC-Target-URI: {url}\r\n"
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
        f"WARC-Payload-Digest: {payload_digest(page(words))}\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    with path.open("ab") as file:
        file.write(gzip.compress(head.encode()))
    return path


def test_what_an_archive_kept_by_reference_narrows_and_makes_edits(
    world: World, tmp_path: Path
) -> None:
    file = warc(tmp_path / "a.warc.gz", (0, FARM, "12 tons"), (20, FARM, "21 tons"))
    revisit(revisit(file, 15, FARM, "12 tons"), 30, FARM, "12 tons")
    world.ingest(file)
    assert told(world)[0] == [("edit", 15, 20), ("edit", 20, 30)]
    lost = revisit(tmp_path / "b.warc.gz", 40, FARM, "99 tons")
    problems = world.pool.submit(child.problems_of_ingest, [lost], world.options()).result(120)
    assert len(problems) == 1
    assert "1 answer left out, as what it repeats is in none of the files" in problems[0]


def test_the_commands_tell_them(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world.ingest(warc(tmp_path / "a.warc.gz", *CAPTURES))
    monkeypatch.setenv("NKWIRE_DATABASE_URL", world.url)
    monkeypatch.setenv("NKWIRE_HOME", str(world.home))
    assert run(["changes", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert sorted(row["what"] for row in rows) == ["edit", "edit", "missing", "restored"]
    assert [row["found_at"] for row in rows] == sorted((r["found_at"] for r in rows), reverse=True)
    assert run(["diff", FARM, "--from", "1", "--to", "2"]) == 0
    said = capsys.readouterr().out
    assert "[-12-]" in said
    assert "{+21+}" in said
    assert "2013-11-21" in said
