"""What a command answers is JSON on request, with nothing else on standard output."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_lines import every_command, takes
from tests.cli.conftest import Said

DOCS = Path(__file__).parents[3] / "docs" / "commands.md"
NO_ANSWER = {
    ("demo",): "a show for people",
    ("web",): "serves until it is stopped",
    ("worker",): "works until it is stopped",
    ("export",): "its answer is the file",
    ("graph",): "its formats are --format",
    ("plot", "carriage"): "its answer is the picture",
    ("plot", "delays"): "its answer is the picture",
    ("plot", "articles"): "its answer is the picture",
    ("init",): "its answer is the file of settings",
    ("completion",): "prints a script",
    ("manual",): "its formats are --format",
    ("extract",): "prints JSON always",
    ("links",): "prints JSON always",
    ("cluster",): "prints JSON always",
}
"""The commands without --json, and why."""


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_a_command_that_answers_has_json(path: tuple[str, ...]) -> None:
    assert takes(path, "as_json") != (path in NO_ANSWER)


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("verify", {"counts", "problems"}),
        ("reextract --dry-run", {"dry_run", "counts", "changed"}),
        ("backup copy.db", {"file", "bytes"}),
        (
            "tidy --dry-run",
            {"dry_run", "deleted_bytes", "deleted_logs", "deleted_objects", "deleted_recordings", "kept"},
        ),
        ("upgrade", {"up_to_date", "articles_compared"}),
        ("merge 1 3", {"stories", "kept", "redirects", "moved"}),
        ("recluster", {"articles", "stories_before", "stories_after", "moved"}),
        ("snapshot create paper", {"folder", "id", "articles", "files", "bytes"}),
        ("outlet new gazette https://gazette.example/", {"file"}),
    ],
)  # fmt: skip
def test_an_answer_is_one_object_with_its_keys(
    line: str, keys: set[str], nkwire: Callable[..., Said], corpus: list[dict[str, Any]]
) -> None:
    said = nkwire(*line.split(), "--json")
    assert said.code == 0, said.err
    assert set(said.json) == keys
    docs = DOCS.read_text("utf-8")
    assert {key for key in keys if f"`{key}`" not in docs} == set()


@pytest.mark.parametrize("action", ["set rodong 1h30m", "pause rodong", "resume rodong"])
def test_a_change_of_the_schedule_answers_with_the_row_of_the_list(
    action: str, nkwire: Callable[..., Said], corpus: list[dict[str, Any]]
) -> None:
    row = nkwire("schedule", *action.split(), "--json").json
    assert row["outlet"] == "rodong"
    listed = nkwire("schedule", "list", "--json").json
    assert row.keys() == listed[0].keys()


def test_an_inspected_page_answers_with_the_evidence_for_each_field(
    nkwire: Callable[..., Said], an_empty_folder: Path
) -> None:
    page = an_empty_folder / "page.html"
    page.write_text(f"<title>A kiln</title><h1>A kiln</h1><p>{'Tiles of the kiln. ' * 40}</p>")
    url = "https://herald.example/1"
    found = nkwire("outlet", "inspect", page, "--url", url, "--json").json
    assert "A kiln" in {piece["value"] for piece in found["fields"]["title"]}


def test_a_snapshot_is_found_by_its_name_and_by_its_path(
    nkwire: Callable[..., Said], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    created = json.loads(nkwire("snapshot", "create", "paper", "--json").out)
    for given in ("paper", created["folder"], "data/snapshots/paper"):
        assert nkwire("snapshot", "verify", given).code == 0, given
    assert nkwire("snapshot", "diff", "paper", created["folder"]).code == 0
    said = nkwire("snapshot", "verify", "papre")
    assert (said.code, said.err.count("\n")) == (2, 1)
    for place in (an_empty_folder / "papre", an_empty_folder / "data" / "snapshots" / "papre"):
        assert str(place) in said.err
    assert "there are paper" in said.err


EMPTY = ("stories", "changes", "gaps", "carriage", "latency", "search kiln", "status")


@pytest.mark.parametrize("line", EMPTY)
def test_an_empty_database_says_so(
    line: str, nkwire: Callable[..., Said], corpus: list[dict[str, Any]]
) -> None:
    database = "sqlite:///empty.db"
    assert nkwire("upgrade", "--database", database).code in (0, 2)
    assert nkwire("schedule", "pause", "kcna", "--database", database).code == 0
    said = nkwire(*line.split(), "--json", "--database", database)
    assert said.code == 0
    if line != "status":
        assert said.json == []
        assert "the database has no articles yet: `nkwire crawl OUTLET`" in said.err


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("runs", "no runs yet"),
        ("alerts list", "runs decide it"),
        ("changes", "no article has changed"),
        ("changes --kind headline", "no changes with --kind"),
        ("stories --at-least 9", "no text was published 9 times"),
        ("stories --since 2030-01-01", "no stories with --since"),
        ("carriage --at-least 9", "none is carried by 9 outlets"),
        ("latency", "no report of two outlets has an agency's text"),
        ("search nothing", "none has these words"),
        ("search nothing --since 2020-01-01", "no articles with these words and --since:"),
    ],
)
def test_an_empty_list_says_why(
    line: str, reason: str, nkwire: Callable[..., Said], corpus: list[dict[str, Any]]
) -> None:
    said = nkwire(*line.split())
    assert said.code == 0
    assert reason in said.err


def test_a_list_that_stops_at_its_limit_says_how_long_it_is(
    nkwire: Callable[..., Said], corpus: list[dict[str, Any]]
) -> None:
    said = nkwire("stories", "--at-least", "1", "--limit", "1")
    assert said.err == "1 of 2 stories shown; --limit 2 shows all\n"
    assert "shown" not in nkwire("stories", "--at-least", "1", "--limit", "2").err
    said = nkwire("stories", "--at-least", "1", "--limit", "1", "--outlet", "herald")
    assert "1 of 2 stories" in said.err
