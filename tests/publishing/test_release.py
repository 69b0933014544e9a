"""What a release needs: one version, notes, archives that hold everything, and workflows that run."""

import re
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.publishing.scripts import ROOT, script

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = str(PROJECT["project"]["version"])
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
HISTORY = {"CHANGELOG.md", "docs/decisions.md", "uv.lock", "pyproject.toml", "PKG-INFO"}
"""They name versions of nkwire as they were, or are the source, or are made from it."""


release = script("release")
check_sdist = script("check_sdist")


def texts() -> dict[str, str]:
    """The files beside the tests in which a version could be repeated."""
    places = (".ci", ".github", "cli", "crawler", "deploy", "docs", "spiders", "storage", "web")
    paths = [path for place in places for path in (ROOT / place).rglob("*") if path.is_file()]
    paths += [path for path in ROOT.glob("*") if path.is_file()]
    kinds = {".py", ".md", ".yml", ".yaml", ".toml", ".service", ".html", ".cff", ""}
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path.suffix in kinds and "__pycache__" not in path.parts and path.name != ".git"
    }


def test_the_version_stands_in_one_place() -> None:
    assert release.read_version() == VERSION
    number = re.compile(rf"(?<![\w.]){re.escape(VERSION)}(?![\w.])")
    repeated = {name for name, text in texts().items() if number.search(text)}
    assert repeated - HISTORY == set()


def test_the_version_is_one_that_a_tag_can_name() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", VERSION)


def test_the_changelog_has_the_headings_of_keep_a_changelog() -> None:
    sections = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert sections[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[[\d.]+\S*\] - \d{4}-\d\d-\d\d", each) for each in sections[1:])
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE)) <= kinds


MADE = """# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- A thing.

## [1.1.0] - 2026-11-01

- Old.

## [1.0.0]

## [0.9.0] - 2026-10-01

[0.9.0]: https://example.org
"""


def test_the_notes_of_a_release_are_its_section() -> None:
    assert release.release_notes(MADE, "1.2.0") == "### Added\n\n- A thing."
    assert release.release_notes(MADE, "1.1.0") == "- Old."


@pytest.mark.parametrize(
    ("version", "says"),
    [("2.0.0", "rename [Unreleased]"), ("1.0.0", "YYYY-MM-DD"), ("0.9.0", "says nothing")],
)
def test_a_release_without_notes_is_not_ready(version: str, says: str) -> None:
    with pytest.raises(release.NotReady, match=re.escape(says)):
        release.release_notes(MADE, version)


@pytest.mark.parametrize(
    ("tag", "ready"),
    [("v1.2.0", True), ("refs/tags/v1.2.0", True), ("1.2.0", False), ("v1.1.0", False)],
)
def test_a_tag_must_be_the_version(tmp_path: Path, tag: str, ready: bool) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(MADE)
    if ready:
        release.check(tag, tmp_path)
    else:
        with pytest.raises(release.NotReady, match=r"is not v1\.2\.0"):
            release.check(tag, tmp_path)


def test_the_script_says_what_is_wrong_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["check", "v0.0.0"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert release.main([]) == 1
    assert release.main(["version"]) == 0
    assert capsys.readouterr().out == f"{VERSION}\n"


def test_the_source_distribution_holds_all_that_the_tests_read() -> None:
    build = PROJECT["tool"]["hatch"]["build"]["targets"]
    listed = set(build["sdist"]["only-include"])
    assert set(build["wheel"]["only-include"]) <= listed
    asked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    tracked = {name.partition("/")[0] for name in asked.stdout.splitlines()}
    assert tracked <= listed | check_sdist.ADDED
    assert all((ROOT / each).exists() for each in listed)
    held = check_sdist.expected()
    assert {"tests/conftest.py", "uv.lock", "LICENSE", ".ci/run", "mkdocs.yml"} <= held
    assert not any(name.startswith((".venv", ".git/")) or name.endswith(".pyc") for name in held)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_exists_with_few_rights(path: Path) -> None:
    flow: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert flow["permissions"] == {"contents": "read"}
    for job in flow["jobs"].values():
        assert job["timeout-minutes"]
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v\d+|[0-9a-f]{40})", step["uses"])
                if step["uses"].startswith("actions/checkout"):
                    assert step["with"]["persist-credentials"] is False
            # What others can name (a branch, a title) may not stand in a command.
            assert "${{" not in step.get("run", "")
            for name in re.findall(r"(?<![\w/])\.ci/[\w.]+", step.get("run", "")):
                file = ROOT / name
                is_run = not re.search(rf"python3? {re.escape(name)}", step["run"])
                assert file.is_file()
                assert not is_run or file.stat().st_mode & stat.S_IXUSR


def test_only_the_jobs_that_publish_may_write() -> None:
    flow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    rights = {name: job.get("permissions", {}) for name, job in flow["jobs"].items()}
    assert rights["build"] == {}
    assert rights["pypi"] == {"id-token": "write"}
    assert rights["announce"] == {"contents": "write"}
    assert {name for name, job in flow["jobs"].items() if "build" not in job.get("needs", [])} == {
        "build",
        "announce",
    }


def test_the_tags_of_the_image_are_read_as_versions_of_python() -> None:
    # `1.0.0rc1` is no semantic version: as one, it gives no tag, and nothing can be pushed.
    flow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    named = next(step for step in flow["jobs"]["image"]["steps"] if step.get("id") == "names")
    assert {line.partition(",")[0] for line in named["with"]["tags"].splitlines()} == {
        "type=pep440"
    }


def test_the_pythons_of_the_workflow_are_those_that_the_project_allows() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    tried = set(re.findall(r'"(3\.\d+)"', text))
    lowest = str(PROJECT["project"]["requires-python"]).removeprefix(">=")
    assert lowest in tried
    assert {"3.12", "3.13", "3.14"} <= tried


def test_the_image_says_what_it_is() -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', dockerfile))
    assert labels["licenses"] == PROJECT["project"]["license"]
    assert labels["version"] == "${VERSION}"
    assert set(labels) >= {"title", "description", "revision"}


def test_the_page_about_releases_names_every_script() -> None:
    page = (ROOT / "docs/releasing.md").read_text(encoding="utf-8")
    for name in (".ci/release.py", ".ci/check_release", "release.yml", "uv lock"):
        assert name in page
