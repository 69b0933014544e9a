"""Streams that are closed, break or have another encoding, and Ctrl-C at any moment."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import nkwire as entry
from tests.cli.forked import Forks

pytestmark = pytest.mark.threats("R13")
Started = Callable[..., subprocess.Popen[str]]
LINES = (
    "--help",
    "search --help",
    "schedule --help",
    "--version",
    "status",
    "stories --json",
    "show 1",
    "search kiln",
    "export - --all",
    "carriage",
    "changes",
    "outlets",
    "schedule list",
    "verify",
)

HOME = Path(entry.__file__).parent


def shell(command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | more,
        timeout=60,
    )


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("length", [0, 1])
def test_a_reader_that_goes_away_is_no_error(
    line: str, length: int, forked: Forks, corpus: list[dict[str, Any]], tmp_path: Path
) -> None:
    pipe, err = tmp_path / "pipe", tmp_path / "err"
    os.mkfifo(pipe)

    def read() -> None:
        with pipe.open("rb", buffering=0) as opened:
            opened.read(length)

    reader = threading.Thread(target=read)
    reader.start()
    code = forked.call(line.split(), Path.cwd(), os.environ, out=pipe, err=err)
    reader.join()
    assert code == 0
    notes = tmp_path / "notes"
    assert forked.call(line.split(), Path.cwd(), os.environ, out=tmp_path / "all", err=notes) == 0
    # Only what it says to a patient reader as well, such as the legend of a table.
    assert set(err.read_text().splitlines()) <= set(notes.read_text().splitlines())


@pytest.mark.parametrize("reader", ["true", "head -c 1"])
def test_a_reader_of_a_whole_program_that_goes_away_is_no_error(
    reader: str, program: list[str], corpus: list[dict[str, Any]]
) -> None:
    command = f"{' '.join(program)} export - --all"
    done = shell(f"{command} | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 0


# Streams are opened before a command is looked at, so a few stand for all.
@pytest.mark.parametrize("line", ["--version", "status", "export - --all", "search --help"])
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(
    line: str, closed: str, program: list[str], corpus: list[dict[str, Any]]
) -> None:
    done = shell(f"{' '.join(program)} {line} {closed}")
    is_lost = line.startswith("export") and ">&-" in closed.replace("2>&-", "")
    assert done.returncode == (2 if is_lost else 0)
    assert "Traceback" not in done.stderr + done.stdout


def test_a_failure_keeps_its_code_without_readers(
    program: list[str], corpus: list[dict[str, Any]]
) -> None:
    command = f"{' '.join(program)} show 99"
    assert shell(f"{command} 2>&-").returncode == 2
    assert shell(f"{command} 2>&1 | true; exit ${{PIPESTATUS[0]}}").returncode == 2


def test_an_import_goes_on_when_nobody_reads_its_problems(
    program: list[str], an_empty_folder: Path
) -> None:
    good = '{"url": "https://a.example/%d", "outlet": "a", "title": "T %d", "text": "Words."}\n'
    rows = "".join("no JSON\n" * 200 + good % (n, n) for n in range(20))
    (an_empty_folder / "rows.jsonl").write_text(rows)
    command = f"{' '.join(program)} import rows.jsonl 2>&1 >counts | head -n 1"
    done = shell(f"{command}; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 3
    assert "20 new" in (an_empty_folder / "counts").read_text()


@pytest.mark.parametrize(
    "encoding",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1:strict"},
        {"PYTHONIOENCODING": "utf-16"},
        {"PYTHONIOENCODING": "cp949"},
    ],
    ids=str,
)
def test_every_encoding_of_the_terminal_is_stood(
    encoding: dict[str, str], program: list[str], corpus: list[dict[str, Any]]
) -> None:
    # Both in one process, which has opened its streams in this encoding.
    code = (
        f"import sys; sys.path.insert(0, {str(Path(program[1]).parent)!r}); import nkwire\n"
        "for line in ('show 1', 'export -'):\n"
        "    sys.argv = ['nkwire', *line.split()]\n"
        "    try: nkwire.main()\n"
        "    except SystemExit as ended: print('ended with', ended.code, flush=True)\n"
    )
    done = subprocess.run(
        [program[0], "-c", code], capture_output=True, check=False, env=os.environ | encoding
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout.decode("utf-8").count("ended with 0\n") == 2


@pytest.mark.parametrize("module", ["cli", "cli.app", "pydantic", "scrapy"])
def test_an_interrupt_while_modules_load_is_one_line(
    module: str, program: list[str], started: Started, an_empty_folder: Path
) -> None:
    python, script = program
    process = started(python, "-X", "importtime", script, "crawl", "kcna", start_new_session=True)
    assert process.stderr is not None
    rest: list[str] = []
    is_sent = False
    try:
        for line in process.stderr:
            if line.startswith("import time:"):
                if not is_sent and line.rpartition("|")[2].strip() == module:
                    os.killpg(process.pid, signal.SIGINT)
                    is_sent = True
            else:
                rest.append(line.rstrip())
        process.wait(60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    # A crawl that began says it in its report.
    assert rest in (["nkwire: interrupted"], ["nkwire: stopping"], [])
    assert "Traceback" not in "".join(rest)
    assert process.returncode == 130


def test_an_interrupt_that_is_ignored_stays_so(program: list[str]) -> None:
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        f"sys.path.insert(0, {str(Path(program[1]).parent)!r}); sys.argv = ['nkwire', '--version'];"
        "import atexit;"
        "atexit.register(lambda: print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN));"
        "import nkwire; nkwire.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "True"


def test_a_foreign_module_that_is_loaded_already_is_named(tmp_path: Path) -> None:
    foreign = ModuleType("storage")
    foreign.__file__ = str(tmp_path / "storage.py")
    said = entry.shadowing_error_message([str(HOME)], HOME, {"storage": foreign})
    assert said.startswith(f"'storage' comes from {tmp_path / 'storage.py'}")
    said = entry.shadowing_error_message([str(HOME)], HOME, {"storage": ModuleType("storage")})
    assert said.startswith("'storage' comes from nowhere")


@pytest.mark.parametrize("name", ["storage", "dedup", "cli"])
def test_the_api_refuses_a_foreign_module_that_is_loaded(name: str, program: list[str]) -> None:
    code = (
        f"import sys, types; sys.path.insert(0, {str(Path(program[1]).parent)!r});"
        f"sys.modules[{name!r}] = types.ModuleType({name!r});"
        "import nkwire\n"
        "try: nkwire.open_database('sqlite:///x.db')\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{name!r} comes from nowhere")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("status --database sqlite:///{}", "cannot be read: File name too long"),
        ("import {}", "File name too long"),
        ("show {}", "no database"),
        ("crawl {}", "no outlet"),
        ("{}", "No such command"),
        ("status --{}", "No such option"),
        ("extract {} --url https://a.example/", "File name too long"),
        ("status --database {}", "not a database URL"),
    ],
)
def test_long_names_are_not_repeated_whole(
    line: str, told: str, nkwire: Callable[..., Any]
) -> None:
    said = nkwire(*line.format("n" * 9000).split())
    assert said.code == 2
    assert len(said.err) < 2500
    assert told in said.err.replace("\n", " ")
    assert "Traceback" not in said.err


def test_an_unknown_parameter_of_a_url_is_the_users_error(nkwire: Callable[..., Any]) -> None:
    said = nkwire("status", "--database", "postgresql://u@127.0.0.1:1/x?foo=bar")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert '"foo"' in said.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('Contact = "x"', "there is no setting 'Contact': did you mean 'contact'?"),
        ('CONTACT = "x"', "did you mean 'contact'?"),
        ('NKWIRE_CONTACT = "x"', "did you mean 'contact'?"),
        ('contct = "x"', "did you mean 'contact'?"),
        ("[contact]\nx = 1", "contact"),
        ("zzzzz = 1", "see docs/settings.md"),
    ],
)
def test_a_wrong_key_is_named(
    text: str, told: str, nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    (an_empty_folder / "nkwire.toml").write_text(text)
    said = nkwire("status")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert told in said.err
    assert "is no TOML" not in said.err


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("NKWIRE_CONTCT", "did you mean 'NKWIRE_CONTACT'?"),
        ("NKWIRE_contact", "did you mean 'NKWIRE_CONTACT'?"),
        ("NKWIRE_DATABSE_URL", "did you mean 'NKWIRE_DATABASE_URL'?"),
        ("NKWIRE_WEBTOKEN", "did you mean 'NKWIRE_WEB_TOKEN'?"),
    ],
)
def test_a_wrong_variable_is_named(
    name: str, told: str, nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    said = nkwire("status")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert told in said.err


def test_variables_of_others_are_told_once_and_stop_nothing(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, corpus: list[dict[str, Any]]
) -> None:
    # Kubernetes sets the first six for a service "nkwire" ("Service", environment variables).
    names = "SERVICE_HOST SERVICE_PORT PORT PORT_80_TCP PORT_80_TCP_ADDR WEB_SERVICE_PORT_HTTP ZZZ"
    for name in names.split():
        monkeypatch.setenv(f"NKWIRE_{name}", "tcp://10.0.0.7:80")
    monkeypatch.setenv("NKWIRE_", "x")
    said = nkwire("status", "--json")
    assert said.code == 0
    assert said.json
    told = [line for line in said.err.splitlines() if "not settings" in line]
    assert len(told) == 1
    assert all(f"NKWIRE_{name}" in told[0] for name in names.split())
    assert "10.0.0.7" not in said.err


def test_the_password_of_the_containers_is_no_wrong_variable(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_DB_PASSWORD", "x")
    assert "no database" in nkwire("status").err


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (("list",), {"NKWIRE_KEEP_LOG_DAYS": "x"}, "NKWIRE_KEEP_LOG_DAYS='x' must be"),
        (("list",), {"NKWIRE_KEP_LOG_DAYS": "1"}, "did you mean 'NKWIRE_KEEP_LOG_DAYS'?"),
        (("crawl", "kcan"), {}, "no outlet 'kcan': did you mean kcna"),
        (("crawl", "kcna", "-a", "nonsense=1"), {}, "no argument 'nonsense'"),
        (("crawl", "kcna", "-a", "limit=x"), {}, "limit='x' must be a whole number"),
        (("crawl", "kcna", "-a", "since=x"), {}, "since='x' must be a time"),
        (("crawl", "kcna"), {"NKWIRE_DATABASE_URL": "sqlite:////dev/null"}, "no regular file"),
    ],
    ids=str,
)
def test_the_scrapy_command_tells_errors_in_one_line(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    told: str,
    forked: Forks,
    tmp_path: Path,
) -> None:
    home = {"NKWIRE_HOME": str(tmp_path / "data"), "SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    variables = os.environ | home | environment
    done = forked.run(arguments, HOME, variables, files=tmp_path, program="scrapy")
    lines = [line for line in done.stderr.splitlines() if line.startswith("scrapy: ")]
    assert (done.returncode, len(lines)) == (2, 1), done.stderr
    assert told in lines[0]
    assert "Traceback" not in done.stderr
