"""KCNA's own re-translations: 20 of 1,840 addresses hold two wordings of one report."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from cli.app import run
from cli.errors import ExitCode
from dedup.changes.change_classifier import classify_change
from dedup.changes.records import ChangeNature, ComparedVersion

FILE = Path(__file__).parents[3].parent / "shared/kcna/headlines-2024-11-11.json"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    if not FILE.exists():
        pytest.skip("the KCNA rows are not beside the checkout")
    return [row for row in json.loads(FILE.read_bytes()) if row.get("story_text")]


@pytest.mark.shared
def test_the_re_translated_reports_are_told_from_all_others(rows: list[dict[str, Any]]) -> None:
    versions: dict[str, list[ComparedVersion]] = defaultdict(list)
    for row in rows:
        version = ComparedVersion(title=row["headline"], text=row["story_text"], translated=True)
        if version not in versions[row["link"]]:
            versions[row["link"]].append(version)
    found = {url: classify_change(*both) for url, both in versions.items() if len(both) == 2}
    natures = [each.nature for each in found.values() if each and not each.boring]
    assert natures == [ChangeNature.RETRANSLATION] * 20
    assert len(versions) == 1840


@pytest.mark.shared
@pytest.mark.slow
def test_the_file_imported_in_its_order_has_the_re_translations_and_no_other_change(
    rows: list[dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", f"sqlite:///{tmp_path / 'nkwire.db'}")
    # Of the addresses with one wording a third will do.
    wordings: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        wordings[row["link"]].add((row["headline"], row["story_text"]))
    chosen = [row for n, row in enumerate(rows) if n % 3 == 0 or len(wordings[row["link"]]) > 1]
    lines = [
        {"url": row["link"], "title": row["headline"], "text": row["story_text"]} for row in chosen
    ]
    (tmp_path / "kcna.jsonl").write_text("\n".join(map(json.dumps, lines)))
    # Rows of one address are named, so the exit code is not 0.
    assert run(["import", str(tmp_path / "kcna.jsonl"), "--json"]) == ExitCode.PARTIAL
    said = json.loads(capsys.readouterr().out)
    assert (said["edited"], said["rejected"]) == (20, 0)
    assert said["shared_addresses"] == 20
    assert run(["changes", "--all", "--json", "--limit", "1000"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["what"] for each in found] == ["retranslation"] * 20
    reworded = {url for url, all_of in wordings.items() if len({text for _, text in all_of}) > 1}
    assert {each["url"] for each in found} == reworded
