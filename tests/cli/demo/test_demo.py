import re
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cli.demo.command import OUTLET_RANKS
from cli.demo.site import HOSTS, PAGES, Site
from storage import open_database
from storage.health.assessment import HealthState

NOON = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Asia/Seoul"))


def test_the_demo_shows_the_whole_job(nkwire: Callable[..., Any], an_empty_folder: Path) -> None:
    done = nkwire("demo")
    assert (done.code, done.err) == (0, "")
    assert "8 articles are 6 stories: 2 are copies" in done.out
    assert re.search(r"demo-radio +derived ", done.out)
    assert re.search(r"demo-agency +\d+ +ok +0 +1 +2\b", done.out)
    assert re.search(r"12.*18", done.out)
    assert "[-Ri Sang Ho-]{+Kim Un Sim+}" in done.out
    file = an_empty_folder / "nkwire-demo" / "nkwire.db"
    with open_database(f"sqlite:///{file}") as database:
        health = database.health.current()
    assert {name: each.state for name, each in health.items()} == dict.fromkeys(
        OUTLET_RANKS, HealthState.OK
    )
    assert len(re.findall(r"^  nkwire (.*)$", done.out, re.MULTILINE)) == 4


@pytest.mark.slow
def test_what_the_demo_says_can_be_done_next_can_be_done(
    program: list[str], an_empty_folder: Path
) -> None:
    done = subprocess.run(
        [*program, "demo"], capture_output=True, text=True, timeout=200, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    commands = re.findall(r"^  nkwire (.*)$", done.stdout, re.MULTILINE)
    assert len(commands) == 4
    for command in commands:
        subprocess.run([*program, *command.split()], stdout=subprocess.DEVNULL, check=True)


def test_a_folder_in_use_is_refused(nkwire: Callable[..., Any], an_empty_folder: Path) -> None:
    (an_empty_folder / "mine").mkdir()
    (an_empty_folder / "mine" / "something").touch()
    said = nkwire("demo", "--folder", "mine")
    assert (said.code, said.err) == (2, "nkwire: mine is not empty: name another folder\n")


@pytest.mark.parametrize("host", HOSTS)
def test_every_invented_page_is_served_whole(host: str) -> None:
    site = Site(NOON)
    for file in (PAGES / host).rglob("*.*"):
        path = "/" + str(file.relative_to(PAGES / host)).removesuffix("index.html")
        found = site.page(host, path.removesuffix(".html"))
        assert found is not None
        assert b"{{" not in found[0]


@pytest.mark.parametrize(
    "path", ["/../site", "/%2e%2e/site", "/news/../../x", "//etc/passwd", "/nothing", "/a\0b"]
)
def test_nothing_but_the_pages_is_served(path: str) -> None:
    assert Site(NOON).page("agency.example", path) is None


def test_no_other_host_is_served() -> None:
    assert Site(NOON).page("..", "/news/") is None


def test_an_edit_changes_one_page() -> None:
    site = Site(NOON)
    before = {host: site.page(host, "/news/AR0000001") for host in HOSTS}
    site.edit()
    after = {host: site.page(host, "/news/AR0000001") for host in HOSTS}
    assert [host for host in HOSTS if before[host] != after[host]] == ["agency.example"]
