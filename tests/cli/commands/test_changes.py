"""What the command says of edits and deletions."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.app import run
from storage import open_database
from storage.records import Article, Capture, CaptureOutcome, CaptureResult

FIRST = datetime(2026, 3, 1, 6, tzinfo=UTC)
TEXT = (
    "A new dairy farm was opened in the town of Hamju.\n"
    "The ceremony was attended by Pak Thae Song and 350 workers.\n"
    "The farm will give 12 tons of milk a day."
)


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Nkwire = Callable[..., Said]


@pytest.fixture
def nkwire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Nkwire:
    """The command on a database of its own."""
    monkeypatch.setenv("NKWIRE_HOME", str(tmp_path))
    monkeypatch.delenv("NKWIRE_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Said:
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


def capture(minutes: float, number: int = 1) -> Capture:
    return Capture(f"https://outlet.test/{number}", FIRST + timedelta(minutes=minutes), 200)


def article(minutes: float, text: str = TEXT, **fields: object) -> Article:
    given: dict[str, object] = {"outlet": "herald", "title": "Farm opened", "language": "en"}
    at = capture(minutes)
    return Article(url=at.url, text=text, capture=at, **(given | fields))  # type: ignore[arg-type]


def shown(page: Capture) -> Article:
    return Article(outlet="herald", url=page.url, title="Farm", text=TEXT + page.url, capture=page)


@pytest.fixture
def edited(nkwire: Nkwire, tmp_path: Path) -> Nkwire:
    """An article that was edited twice, once for its typography only, and then taken away."""
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}", seed=1)
    database.save([article(0)])
    database.save([article(60, TEXT.replace("12 tons", "21 tons"))])
    database.save([article(120, TEXT.replace("12 tons", "21  tons"))])
    other = Article(
        outlet="herald", url="https://outlet.test/2", title="T", text="x", capture=capture(179, 2)
    )
    database.save([other])
    (held,) = (
        row
        for row in database.revisits.due("herald", FIRST + timedelta(days=9), 9)
        if "/1" in row.url
    )
    database.record_capture("herald", held.identity, Capture(held.url, FIRST + timedelta(minutes=180), 404), CaptureResult(CaptureOutcome.GONE))  # fmt: skip
    database.close()
    return nkwire


def test_changes_are_listed_with_their_interval(edited: Nkwire) -> None:
    rows = json.loads(edited("changes", "--json").out)
    assert [row["what"] for row in rows] == ["missing", "edit"]
    assert rows[1]["kinds"] == ["body", "numbers"]
    assert (rows[1]["after"], rows[1]["before"]) == ("2026-03-01T06:00:00Z", "2026-03-01T07:00:00Z")
    assert rows[0]["how"] == "HTTP status 404"


def test_boring_changes_are_listed_on_demand(edited: Nkwire) -> None:
    rows = json.loads(edited("changes", "--all", "--kind", "body", "--json").out)
    assert [row["boring"] for row in rows] == ["white space", ""]


def test_a_person_overrules_the_machine(edited: Nkwire) -> None:
    (row,) = json.loads(edited("changes", "--kind", "numbers", "--json").out)
    assert edited("changes", "--boring", row["change"], "--note", "a misprint").code == 0
    assert json.loads(edited("changes", "--kind", "numbers", "--json").out) == []
    (ruled,) = json.loads(edited("changes", "--kind", "numbers", "--all", "--json").out)
    assert (ruled["boring"], ruled["ruled"], ruled["note"]) == (True, True, "a misprint")
    assert edited("changes", "--boring", 999).code == 2
    assert edited("changes", "--boring", 1, "--not-boring", 1).code == 2
    assert edited("changes", "--not-boring", row["change"]).code == 0
    assert len(json.loads(edited("changes", "--kind", "numbers", "--json").out)) == 1


def test_a_kind_that_there_is_not_is_told(edited: Nkwire) -> None:
    said = edited("changes", "--kind", "colour")
    assert said.code == 2
    assert "retranslation" in said.err


def test_the_table_is_for_people(edited: Nkwire) -> None:
    out = edited("changes").out
    assert "numbers" in out
    assert "missing" in out


def read_atom(feed: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The fields of an Atom feed (RFC 4287) and of its entries; a link is its address."""
    atom = "{http://www.w3.org/2005/Atom}"
    root = ET.fromstring(feed.encode())
    assert root.tag == f"{atom}feed"

    def fields(element: ET.Element) -> dict[str, str]:
        found = {
            child.tag.removeprefix(atom): child.get("href") or "".join(child.itertext())
            for child in element
            if child.tag != f"{atom}entry"
        }
        assert {"id", "title", "updated"} <= found.keys()
        return found

    return fields(root), [fields(entry) for entry in root.findall(f"{atom}entry")]


def test_the_feed_is_atom(edited: Nkwire) -> None:
    _, entries = read_atom(edited("changes", "--atom").out)
    assert [entry["updated"] for entry in entries] == [
        "2026-03-01T09:00:00Z",
        "2026-03-01T07:00:00Z",
    ]
    assert len({entry["id"] for entry in entries}) == 2


HOSTILE = (
    "\x1b]0;owned\x07<script>alert(1)</script> ]]> & \" '\x00\x0b\ufffe\u202e"
    "<!-- <![CDATA[ </title> javascript:alert(1) \U0001f4a9 평양"
)


def test_the_feed_is_valid_atom_whatever_the_headlines_are(edited: Nkwire, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")
    url = 'https://outlet.test/9?a="><b>&c=\x01'
    for minutes, text in ((0, TEXT), (60, TEXT.replace("12", "99"))):
        fetched = Capture(url, FIRST + timedelta(minutes=minutes), 200)
        database.save([Article(outlet="<b>&", url=url, title=HOSTILE, text=text, capture=fetched)])
    database.close()
    out = edited("changes", "--atom", "--all").out
    feed, entries = read_atom(out)
    assert (feed["id"], feed["title"] != "", feed["author"]) == (
        "urn:nkwire:changes",
        True,
        "nkwire",
    )
    assert len(entries) == len({entry["id"] for entry in entries}) == 4
    for entry in entries:
        assert entry["id"].startswith("urn:nkwire:change:")
        assert entry["title"]
        assert entry["link"]
        assert datetime.fromisoformat(entry["updated"]).tzinfo
    assert "&amp;lt;script" not in out
    assert "<script" not in out


def test_a_feed_without_entries_is_atom_too(nkwire: Nkwire, tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'nkwire.db'}", seed=1).close()
    feed, entries = read_atom(nkwire("changes", "--atom").out)
    assert entries == []
    assert datetime.fromisoformat(feed["updated"]).tzinfo


def test_a_page_of_hostile_words_has_no_markup_but_ours(edited: Nkwire, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")
    database.save([article(300, f"{HOSTILE}\n<img src=x onerror=alert(1)>", title=HOSTILE)])
    database.close()
    assert edited("diff", 1, "--html", tmp_path / "edit.html").code == 0
    page = (tmp_path / "edit.html").read_text()
    tags = set(re.findall(r"<[^<>]*>", page))
    ours = (
        r"</?(?:html|meta|title|style|h1|p|small|table|tr|t[dh]|del|ins)\b[^<>]*>|<!doctype html>"
    )
    assert [tag for tag in tags if not re.fullmatch(ours, tag)] == []
    assert not re.search(r"<[^<>]*(?:\bon[a-z]+=|https?:|src=|href=|url\()", page)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe]", page)


def test_an_alarm_stands_above_changes_and_status(nkwire: Nkwire, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}", seed=1)
    now = datetime.now(UTC)
    pages = [Capture(f"https://outlet.test/{n}", now - timedelta(days=3), 200) for n in range(40)]
    database.save([shown(page) for page in pages])
    run = database.runs.begin("herald")
    database.save([shown(replace(pages[0], fetched_at=now))], run.id)
    for held in database.revisits.due("herald", now + timedelta(days=99), 99):
        if held.url != pages[0].url:
            gone = Capture(held.url, now, 404)
            database.record_capture(
                "herald", held.identity, gone, CaptureResult(CaptureOutcome.GONE), run.id
            )
    assert len(database.alarms.raise_new("herald", run.started_at)) == 1
    database.close()
    for command in ("changes", "status"):
        said = nkwire(command).err
        assert "herald: mass-deletion" in said
        assert "39 known articles not found in 39 revisits" in said
    (row,) = json.loads(nkwire("status", "--json").out)
    assert [(each["kind"], each["missing"]) for each in row["alarms"]] == [("mass-deletion", 39)]


def test_versions_stand_side_by_side(edited: Nkwire) -> None:
    said = edited("diff", "https://outlet.test/1", "--from", 1, "--to", 2)
    assert "[-12-]" in said.out
    assert "{+21+}" in said.out


def test_the_page_needs_nothing_else_and_escapes(edited: Nkwire, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")
    database.save([article(240, "A <script>alert(1)</script> & more of it.")])
    database.close()
    assert edited("diff", 1, "--html", tmp_path / "edit.html").code == 0
    page = (tmp_path / "edit.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "src=" not in page
    assert "<ins>" in page


def test_an_article_of_one_version_has_no_difference(edited: Nkwire) -> None:
    said = edited("diff", "https://outlet.test/2")
    assert (said.code, "one version only" in said.err) == (2, True)


def test_gaps_are_listed(edited: Nkwire, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")
    run = database.runs.begin("herald")
    run.cause = "planned"
    database.runs.finish(run)
    database.close()
    rows = json.loads(edited("gaps", "--json").out)
    assert {row["why"] for row in rows} <= {"not running", "unreachable", "quiet"}


def test_a_list_of_changes_says_that_it_stops(edited: Nkwire) -> None:
    everything = len(json.loads(edited("changes", "--all", "--json").out))
    assert everything > 1
    err = edited("changes", "--all", "--limit", 1).err
    assert err == f"1 of {everything} changes shown; --limit {everything} shows all\n"
    assert edited("changes", "--all", "--limit", everything).err == ""
    assert "1 of 2 changes" in edited("changes", "--all", "--limit", 1, "--kind", "body").err


def test_a_ruling_answers_in_json(edited: Nkwire) -> None:
    (row,) = json.loads(edited("changes", "--kind", "numbers", "--json").out)
    change = row["change"]
    said = edited("changes", "--boring", change, "--note", "a stamp", "--json")
    assert json.loads(said.out) == {"change": change, "boring": True, "note": "a stamp"}
