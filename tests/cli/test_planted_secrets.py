"""Every command, the service, the pages and Scrapy's commands, with secrets in every place."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest
import sqlalchemy

from storage.engine import make_engine, parse_url
from tests.cli.command_lines import command_line, every_command, takes, write_files
from tests.cli.forked import Forks

pytestmark = [pytest.mark.threats("S13"), pytest.mark.postgres]
ROOT = Path(__file__).parents[2]
NKWIRE = [sys.executable, str(ROOT / "nkwire.py")]
SEED = "7315926148201"
PLANTED = {
    "database password": "pl4nted-dbpass",
    "key of a certificate": "pl4nted-sslkey",
    "hook user": "pl4nted-hookuser",
    "hook path": "pl4nted-hookpath",
    "hook parameter": "pl4nted-hookkey",
    "mail password": "pl4nted-smtp",
    "proxy password": "pl4nted-proxy",
    "password of libpq": "pl4nted-libpq",
    "secret of the sign-in": "pl4nted-webtoken-0123456789abcdef",
    "unknown variable": "pl4nted-unknown-zq7x",
    "file of settings": "pl4nted-file-jx9w",
    "argument of the alert command": "pl4nted-argument-wv3k",
    "seed": SEED,
}
# They serve until they are stopped, or read the network.
LEFT_OUT = {("web",), ("run",), ("crawl",), ("demo",), ("outlets", "check")}


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    def new_database(self, template: str = ...) -> str: ...

    def drop_database(self, url: str) -> None: ...


@pytest.fixture(scope="module")
def stage(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder with a corpus in PostgreSQL, and settings full of secrets."""
    folder = tmp_path_factory.mktemp("stage")
    write_files(folder)
    plain = postgres_server.new_database()
    address = plain.replace("nkwire@", f"nkwire:{PLANTED['database password']}@")
    (folder / "nkwire.toml").write_text(
        f'smtp = "smtp://desk:{PLANTED["file of settings"]}@[::1]:1"\n'
    )
    hook = f"{PLANTED['hook user']}@127.0.0.1:1/T0/{PLANTED['hook path']}"
    settings = {
        "NKWIRE_DATABASE_URL": f"{address}?sslpassword={PLANTED['key of a certificate']}",
        "NKWIRE_ALERT_WEBHOOK": f"http://u:{hook}?key={PLANTED['hook parameter']}",
        "NKWIRE_ALERT_MAIL": "desk@example.org",
        "NKWIRE_ALERT_COMMAND": f"/bin/false {PLANTED['argument of the alert command']}",
        "NKWIRE_WEB_TOKEN": PLANTED["secret of the sign-in"],
        "NKWIRE_DEDUP_SEED": SEED,
        "NKWIRE_HOOK_OF_OTHERS": f"https://{PLANTED['unknown variable']}",
        "NKWIRE_LOG_LEVEL": "DEBUG",
        "PGPASSWORD": PLANTED["password of libpq"],
        "http_proxy": f"http://p:{PLANTED['proxy password']}@127.0.0.1:1",
        "https_proxy": f"http://p:{PLANTED['proxy password']}@127.0.0.1:1",
        "no_proxy": "127.0.0.1",
    }
    (folder / "environment.json").write_text(json.dumps(settings))
    for line in (["import", "articles.jsonl"], ["snapshot", "create", "frozen", "--out", "frozen"]):
        code, _ = call([*NKWIRE, *line], folder)
        assert code == 0
    yield folder
    postgres_server.drop_database(plain)


def environment(folder: Path) -> dict[str, str]:
    settings = json.loads((folder / "environment.json").read_text())
    return {**os.environ, **settings, "PYTHONFAULTHANDLER": "1"}


def call(arguments: list[str], folder: Path, **more: str) -> tuple[int, str]:
    """The exit code and all that the command writes."""
    said = subprocess.run(
        arguments,
        check=False,
        cwd=folder,
        capture_output=True,
        env=environment(folder) | more,
        timeout=120,
    )
    return said.returncode, (said.stdout + said.stderr).decode(errors="replace")


def assert_no_secret(text: str, where: object) -> None:
    found = [name for name, secret in PLANTED.items() if secret in text or secret[-8:] in text]
    assert found == [], where


def written_by(folder: Path) -> Iterator[tuple[str, str]]:
    """The names and contents of all files but those that hold the settings."""
    for file in folder.rglob("*"):
        if file.is_file() and file.name not in ("environment.json", "nkwire.toml", "copy.db"):
            yield str(file), file.read_bytes().decode(errors="replace")


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(set(every_command()) - LEFT_OUT), ids=" ".join)
def test_no_command_prints_or_writes_a_secret(
    path: tuple[str, ...], stage: Path, forked: Forks, tmp_path: Path
) -> None:
    def shown(line: Sequence[str], before: str = "nothing") -> str:
        runs_on = path == ("worker",) and "--help" not in line
        said = forked.run(
            line, stage, environment(stage), files=tmp_path, before=before, is_stopped=runs_on
        )
        return said.stdout + said.stderr

    line = [*command_line(path), *(["--verbose"] if takes(path, "verbose") else [])]
    assert_no_secret(shown(line), line)
    assert_no_secret(shown([*path, "--help"]), path)
    if takes(path, "database"):
        broken = shown(line, "broken database")
        assert_no_secret(broken, line)
        assert "Traceback" in broken or "nkwire: " in broken
    for name, text in written_by(stage):
        assert_no_secret(text, name)


def test_a_traceback_has_no_secret(stage: Path, forked: Forks, tmp_path: Path) -> None:
    for format in ("console", "json"):
        variables = environment(stage) | {"NKWIRE_LOG_FORMAT": format}
        said = forked.run(["status"], stage, variables, files=tmp_path, before="broken database")
        assert said.returncode == 1
        assert "RuntimeError: cannot go on with" in said.stderr
        assert_no_secret(said.stdout + said.stderr, format)


def test_a_setting_with_a_slip_in_its_name_is_told_without_its_value(stage: Path) -> None:
    code, shown = call([*NKWIRE, "status"], stage, NKWIRE_ALERT_WEBHOK=f"https://{SEED}")
    assert code == 2
    assert "NKWIRE_ALERT_WEBHOOK" in shown
    assert_no_secret(shown, "status")


def test_a_database_that_refuses_is_told_without_secrets(
    stage: Path, forked: Forks, tmp_path: Path
) -> None:
    url = json.loads((stage / "environment.json").read_text())["NKWIRE_DATABASE_URL"]
    secret = PLANTED["database password"]
    for wrong in (
        url.replace("nkwire:", "nobody:"),
        url.replace("@127", "@[127"),
        url.replace(secret, f"a@{secret}"),
        url.replace("/test_", "/no_such_"),
        url.replace("postgresql:", "postgresql+asyncpg:"),
        url.replace("sslpassword", "no_such_parameter"),
        f"host=127.0.0.1 password={secret}",
        f"sqlite:///nowhere/{os.devnull}?password={secret}",
    ):
        line = ["status", "--database", wrong]
        said = forked.run(line, stage, environment(stage), files=tmp_path)
        shown = said.stdout + said.stderr
        assert said.returncode in (2, 4), shown
        told = [line for line in shown.splitlines() if "not settings, so ignored" not in line]
        assert len(told) == 1
        assert_no_secret(shown, wrong)


def test_alerts_are_told_without_secrets(stage: Path, forked: Forks, tmp_path: Path) -> None:
    code, shown = call([*NKWIRE, "alerts", "test"], stage)
    assert code == 1
    assert_no_secret(shown, "alerts test")
    for hook in (
        f"http://127.0.0.1:1/a b/{SEED}",
        f"http://[::1/{SEED}",
        f"htp://x/{SEED}",
        f"//{SEED}",
    ):
        variables = environment(stage) | {"NKWIRE_ALERT_WEBHOOK": hook}
        said = forked.run(["alerts", "test"], stage, variables, files=tmp_path)
        assert_no_secret(said.stdout + said.stderr, hook)


def test_scrapys_commands_print_no_secret(stage: Path, forked: Forks, tmp_path: Path) -> None:
    variables = environment(stage) | {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    for line in (
        ["settings", "--get", "NKWIRE_DATABASE_URL"],
        ["settings", "--get", "NKWIRE_DEDUP_SEED"],
        ["list"],
        ["version", "-v"],
        ["crawl", "no_such_outlet"],
        ["crawl", "kcna", "-s", "NKWIRE_RESOLVE=broken"],
    ):
        said = forked.run(line, stage, variables, files=tmp_path, program="scrapy")
        shown = said.stdout + said.stderr
        assert "**" in shown if line[0] == "settings" else shown  # the secrets were there
        assert_no_secret(shown, line)


def children_of(pid: int) -> list[int]:
    found = [pid]
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += children_of(int(status.parent.name))
    return found


def ask(url: str, **headers: str) -> str:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=60
        ) as got:
            return f"{got.headers}{got.read().decode(errors='replace')}"
    except urllib.error.HTTPError as error:
        return f"{error.headers}{error.read().decode(errors='replace')}"


def serving(arguments: list[str], folder: Path, paths: list[str], port: int) -> str:
    """Everything that a server shows: its answers, its output, the arguments of its processes."""
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for _ in range(600):
            try:
                if '"starting"' not in ask(f"http://127.0.0.1:{port}/health"):
                    break
            except urllib.error.URLError:
                pass
            time.sleep(0.1)
        token = {"Authorization": f"Bearer {PLANTED['secret of the sign-in']}"}
        answers = [ask(f"http://127.0.0.1:{port}{each}", **token) for each in paths]
        commands = [Path(f"/proc/{each}/cmdline").read_text() for each in children_of(process.pid)]
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert len(answers) == len(paths)
    return "\n".join([*answers, *commands, said])


def test_the_service_shows_no_secret(stage: Path, free_port: int) -> None:
    line = [*NKWIRE, "run", "--port", str(free_port), "--verbose"]
    paths = ["/health", "/metrics", "/nothing", "/health?key=x"]
    shown = serving(line, stage, paths, free_port)
    assert "nkwire_database_up" in shown
    assert_no_secret(shown, line)


def test_the_pages_show_no_secret(stage: Path, free_port: int) -> None:
    line = [*NKWIRE, "web", "--port", str(free_port)]
    paths = "/ /days /reports /stories /articles/1 /stories/1 /outlets /health /search?q=word1"
    paths += " /search?q=%22 /articles/999999 /nothing /about /feed.atom /articles/x /export /api"
    shown = serving(line, stage, paths.split(), free_port)
    assert "Listening on" in shown
    assert_no_secret(shown, line)


@pytest.fixture
def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_the_database_holds_no_secret_but_the_seed(stage: Path) -> None:
    settings = json.loads((stage / "environment.json").read_text())
    engine = make_engine(parse_url(settings["NKWIRE_DATABASE_URL"]), create=False)
    holding = set()
    with engine.connect() as connection:
        for table in sqlalchemy.inspect(engine).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT "{table}"::text FROM "{table}"'):
                holding |= {(table, name) for name, secret in PLANTED.items() if secret in row[0]}
    engine.dispose()
    assert {name for _, name in holding} == {"seed"}
    assert len(holding) == 1
