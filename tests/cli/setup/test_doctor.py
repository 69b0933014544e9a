"""`nkwire doctor` on machines where something is wrong, with hosts on the loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection

from cli.setup.checks.database import check_database
from cli.setup.checks.finding import Finding, Situation, ok
from cli.setup.checks.machine import check_home
from cli.setup.doctor import within_time
from crawler.config.config import Config
from crawler.processes.host_probe import choose_hosts, read_answers, start_probe
from crawler.registry import outlets
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.schema import alembic_config
from tests.cli.looking import give_up_rights
from tests.crawler.conftest import Site, serve

Doctor = Callable[..., dict[str, dict[str, str]]]
NAMES = ("kcna", "naenara", "rodong")  # they are read without TLS
HOSTS = tuple(choose_hosts([outlets()[name] for name in NAMES], 3).values())
CLOSED = "127.0.0.1:9"


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    made = [serve() for _ in NAMES]
    yield [site for site, _ in made]
    for _, server in made:
        server.shutdown()
        server.server_close()


def lead(monkeypatch: pytest.MonkeyPatch, *targets: str) -> None:
    """Leads the three hosts to these addresses."""
    pairs = zip(HOSTS, targets, strict=True)
    monkeypatch.setenv("NKWIRE_RESOLVE", ",".join(f"{host}={target}" for host, target in pairs))


@pytest.fixture
def doctor(nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """The findings by check, on a machine where all is well; `code`: how it exited."""
    for name, value in {
        "OUTLETS": ",".join(NAMES),
        "ALLOW_ADDRESSES": "127.0.0.0/8",
        "CONTACT": "you@example.org",
        "KEEP_FREE_MB": "1",
    }.items():
        monkeypatch.setenv(f"NKWIRE_{name}", value)

    def look(*arguments: str) -> dict[str, dict[str, str]]:
        said = nkwire("doctor", "--json", *arguments)
        found = {each["check"]: each for each in said.json}
        is_bad = any(each["status"] == "problem" for each in found.values())
        assert said.code == int(is_bad)
        assert all(bool(each["advice"]) == (each["status"] != "ok") for each in found.values())
        return found

    return look


def status(found: dict[str, dict[str, str]]) -> dict[str, str]:
    """What is not well."""
    return {name: each["status"] for name, each in found.items() if each["status"] != "ok"}


def test_where_all_is_well_each_host_is_asked_once_and_nothing_is_written(
    doctor: Doctor, sites: list[Site], monkeypatch: pytest.MonkeyPatch, an_empty_folder: Path
) -> None:
    lead(monkeypatch, *(site.host for site in sites))
    found = doctor()
    assert status(found) == {}
    for site in sites:
        assert [asked.path for asked in site.asked] == ["/robots.txt"]
        assert site.asked[0].headers["user-agent"].startswith("nkwire/")
    assert set(HOSTS) <= set(found["network"]["detail"].replace(",", "").split())
    assert list(an_empty_folder.iterdir()) == []


def answer_late(body: bytes, **of_the_past: int) -> Callable[[Any], None]:
    """An answer of a host whose clock shows a time of the past."""

    def answer(handler: Any) -> None:
        handler.send_response_only(200)
        at = datetime.now(UTC) - timedelta(**of_the_past)
        handler.send_header("Date", format_datetime(at, usegmt=True))
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_a_wrong_clock_a_forbidden_host_and_a_silent_one_are_told_apart(
    doctor: Doctor, sites: list[Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    for site in sites[:2]:
        site.answers["/robots.txt"] = answer_late(b"User-agent: nkwire\nDisallow: /\n", days=2)
    lead(monkeypatch, sites[0].host, sites[1].host, CLOSED)
    found = doctor()
    assert status(found) == {"network": "warning", "clock": "problem", "robots.txt": "warning"}
    assert found["network"]["detail"] == f"{HOSTS[2]}: the connection was refused"
    assert found["clock"]["detail"].startswith("it is 2 days, 0:00:0")
    assert "ahead of 2 hosts" in found["clock"]["detail"]
    assert f"{HOSTS[0]} forbids 12 of 12 sources of kcna" in found["robots.txt"]["detail"]


@pytest.mark.slow
def test_without_a_network_this_is_the_only_problem(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead(monkeypatch, CLOSED, CLOSED, CLOSED)
    found = doctor()
    assert status(found) == {"network": "problem", "clock": "warning", "robots.txt": "warning"}
    assert "connects directly" in found["network"]["advice"]


@pytest.mark.slow
def test_a_host_that_never_answers_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch, an_empty_folder: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lead(monkeypatch, *[f"127.0.0.1:{silent.getsockname()[1]}"] * 3)
        monkeypatch.setenv("NKWIRE_ALLOW_ADDRESSES", "127.0.0.0/8")
        begun = time.monotonic()
        [answer] = read_answers(start_probe(["kcna"], 2), {"kcna": HOSTS[0]}, 3)
    assert time.monotonic() - begun < 10
    assert (answer.status, answer.host) == (0, HOSTS[0])
    assert "no answer in time" in answer.problem


def test_a_process_that_hangs_and_hears_no_signal_is_killed() -> None:
    code = (
        "import signal, time; signal.pthread_sigmask(0, {14, 15}); print('{\"outl'); time.sleep(60)"
    )
    hung = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    [answer] = read_answers(hung, {"kcna": "www.kcna.kp"}, 0.5)
    assert "no answer in time" in answer.problem
    assert hung.returncode is not None


def test_a_check_that_hangs_or_fails_is_a_problem_and_the_others_go_on() -> None:
    situation = Situation(Config(), "", {})

    def hang(_: Situation) -> Finding:
        time.sleep(5)
        return ok("x", "")

    def fail(_: Situation) -> Finding:
        raise KeyError("kiln")

    assert within_time("disk", hang, situation, 0.05).detail == "no answer within 0.05 s"
    assert within_time("disk", fail, situation).detail == "the check failed: 'kiln'"


def database(folder: Path, template: Path | None = None) -> Path:
    file = folder / "data" / "nkwire.db"
    file.parent.mkdir()
    if template:
        shutil.copy(template, file)
    return file


@pytest.fixture
def sound(corpus: object, an_empty_folder: Path) -> Path:
    """A database that is filled."""
    return an_empty_folder / "data" / "nkwire.db"


def test_a_sound_database_is_described(doctor: Doctor, sound: Path) -> None:
    before = sound.read_bytes()
    found = doctor("--offline")
    assert status(found) == {}
    assert "3 articles" in found["database"]["detail"]
    assert "no service runs" in found["database"]["detail"]
    assert sound.read_bytes() == before
    assert not {"network", "clock", "robots.txt"} & found.keys()


def test_a_damaged_database_is_found(doctor: Doctor, sound: Path) -> None:
    content = bytearray(sound.read_bytes())
    size = int.from_bytes(content[16:18]) % 65535 or 65536
    content[size * 5 : size * 20] = os.urandom(size * 15)
    sound.write_bytes(content)
    found = doctor("--offline")["database"]
    assert found["status"] == "problem"
    assert "nkwire restore BACKUP --replace" in found["advice"]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_database_is_found(
    content: bytes, doctor: Doctor, an_empty_folder: Path
) -> None:
    database(an_empty_folder).write_bytes(content)
    assert doctor("--offline")["database"]["status"] == "problem"


def test_a_folder_whose_name_has_the_word_link_needs_no_restore(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_HOME", "linked is empty")
    assert doctor("--offline")["database"]["status"] == "ok"


def test_a_link_that_leads_nowhere_is_found(doctor: Doctor, an_empty_folder: Path) -> None:
    database(an_empty_folder).symlink_to("nowhere.db")
    found = doctor("--offline")["database"]
    assert (found["status"], "nkwire restore" in found["advice"]) == ("problem", True)


def test_for_a_folder_another_file_is_advised(doctor: Doctor, an_empty_folder: Path) -> None:
    database(an_empty_folder).mkdir()
    found = doctor("--offline")["database"]
    assert (found["status"], found["advice"].partition(":")[0]) == ("problem", "name another file")


def test_no_restore_is_advised_for_a_database_that_others_own(sound: Path) -> None:
    def look() -> Finding:
        return check_database(Situation(Config(), f"sqlite:///{sound}", {}))

    sound.chmod(0)
    found = without_rights(look)
    assert found.startswith("problem:")
    assert "check who may read the file" in found


def test_an_older_database_is_a_warning_and_a_newer_one_a_problem(
    doctor: Doctor, an_empty_folder: Path
) -> None:
    def upgrade(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")

    url = f"sqlite:///{database(an_empty_folder)}"
    with TransactionalEngine(make_engine(parse_url(url), create=True)) as engine:
        engine.write(upgrade)
        found = doctor("--offline")["database"]
        assert (found["status"], "nkwire upgrade" in found["advice"]) == ("warning", True)
        engine.write(
            lambda connection: connection.exec_driver_sql(
                "UPDATE alembic_version SET version_num=9"
            )
        )
    found = doctor("--offline")["database"]
    assert (found["status"], found["advice"]) == ("problem", "upgrade nkwire")


@pytest.mark.parametrize(
    ("variable", "value", "check", "expected", "words"),
    [
        ("KEEP_FREE_MB", str(1 << 30), "free space", "problem", "NKWIRE_KEEP_FREE_MB"),
        ("CONTACT", "", "contact", "warning", "none"),
        ("CONTACT", "x", "contact", "warning", "'x' has no mail address"),
        ("CONTACT", "Lab (https://lab.example/nk)", "contact", "ok", "Lab"),
        ("DATABASE_URL", "sqlite:///nowhere/x.db", "database", "ok", "none yet at nowhere/x.db"),
        ("DATABASE_URL", "postgresql://127.0.0.1:9/x", "database", "problem", "out of reach"),
        ("OUTLETS", "kcan", "settings", "problem", "did you mean"),
        ("KEEP_LOG_DAYS", "soon", "settings", "problem", "number of days"),
        ("STRANGE", "1", "settings", "warning", "NKWIRE_STRANGE"),
        ("HOME", "/dev/null/home", "home folder", "problem", "cannot write"),
    ],
)
def test_a_setting_that_is_wrong_is_found(
    variable: str,
    value: str,
    check: str,
    expected: str,
    words: str,
    doctor: Doctor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"NKWIRE_{variable}", value)
    found = doctor("--offline")[check]
    assert found["status"] == expected
    assert words in found["detail"]


def test_a_browser_that_is_needed_and_missing_or_broken_is_found(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, an_empty_folder: Path
) -> None:
    assert "needs one" in doctor("--offline")["browser"]["detail"]
    monkeypatch.setenv("NKWIRE_OUTLETS", "jtbc")
    monkeypatch.setenv("NKWIRE_CHROMIUM", str(an_empty_folder / "browser"))
    found = doctor("--offline")["browser"]
    assert (found["status"], "needed by jtbc" in found["detail"]) == ("warning", True)
    for script, expected in (("exit 1", "warning"), ("echo Chromium 1", "ok")):
        (an_empty_folder / "browser").write_text(f"#!/bin/sh\n{script}\n")
        (an_empty_folder / "browser").chmod(0o755)
        assert doctor("--offline")["browser"]["status"] == expected


def without_rights(look: Callable[[], Finding]) -> str:
    """Returns what a check finds in a process that is not root's."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        give_up_rights()
        found = look()
        os.write(writing, f"{found.status}: {found.detail} -> {found.advice}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        line = said.read()
    os.waitpid(pid, 0)
    return line


def test_a_home_that_may_only_be_read_is_found(an_empty_folder: Path) -> None:
    (an_empty_folder / "data").mkdir(0o555)
    found = without_rights(lambda: check_home(Situation(Config(), "", {})))
    assert found.startswith("problem: cannot write to data")


def test_the_checklist_names_what_to_do_below_each_line(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_OUTLETS", "kcna")
    said = nkwire("doctor", "--offline")
    lines = said.out.splitlines()
    place = next(number for number, line in enumerate(lines) if "contact" in line)
    assert lines[place].startswith("warning  contact")
    assert lines[place + 1].strip().startswith("-> set it: contact =")
    assert said.err == "0 problems, 1 warning\n"
