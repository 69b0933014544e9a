"""Fixtures that several test folders share: a PostgreSQL server of our own, empty databases."""

import gc
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import forkserver
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import Connection, Engine, event

import storage  # imports the database when it is asked for
from storage.guard.secrets import KnownSecrets
from tests.storage import object_storage

# How long an example takes on a busy machine says nothing of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names bytes by their argument: packed ones hold the time, and workers must agree on names."""
    return argname if isinstance(val, bytes) else None


LONGEST = (
    "test_kill",
    "test_own_network",
    "test_scheduler",
    "test_processes",
    "test_faults",
    "test_service",
    "test_crawl",
    "test_captures",
    "test_authoring",
    "test_ingest",
    "test_expectations",
    "test_deletions",
    "test_threats",
    "test_demo",
    "test_docs",
    "test_engine",
    "test_storm",
    "test_soak",
    "test_patterns",
    "test_exit_codes",
    "test_terminal",
    "test_streams",
)
"""How the names of the files begin whose tests take longest."""


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Without `-n`, the whole suite runs in parallel, and chosen tests run in this process."""
    if config.option.numprocesses is None and not hasattr(config, "workerinput"):
        is_whole = config.args_source is config.ArgsSource.TESTPATHS and not config.option.keyword
        # "auto" gives way to --pdb.
        config.option.numprocesses = "auto" if is_whole else 0


def pytest_configure() -> None:
    """Lets signals reach the processes that tests start: `nohup` and a shell's `&` ignore some."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, None, None]:
    """Twenty thousand tests stay to the end: no search for garbage looks through them again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        # Hypothesis asks who refers to the sources of chance that it finds, and sees nothing frozen.
        _do_nothing()
        gc.freeze()


@settings(max_examples=1, database=None)
@given(strategies.none())
def _do_nothing(_: None) -> None:
    """Lets Hypothesis find the sources of chance."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than cores: half of their time the tests wait for servers and other processes."""
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", (os.cpu_count() or 1) + 2))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow files, so that no worker is alone with one at the end."""
    items.sort(key=lambda item: not item.path.name.startswith(LONGEST))


QUICK = "autovacuum=off full_page_writes=off wal_level=minimal max_wal_senders=0 max_wal_size=8GB"
"""PostgreSQL settings that give up what a session's databases do not need."""


PRELOADED = (
    "tests.cli.child",
    "tests.cli.looking",
    "tests.crawler.child",
    "tests.crawler.loaded",
    "tests.cli.frozen",
)
"""What children of the tests need. Without it each of them would load it anew, for a second."""


@pytest.fixture(scope="session", autouse=True)
def _the_forkserver_has_loaded_everything() -> Iterator[None]:
    """Whoever starts the one forkserver of this process, or starts it again."""
    original = forkserver.set_forkserver_preload

    def preload(modules_names: list[str]) -> None:
        original([*dict.fromkeys((*modules_names, *PRELOADED))])

    forkserver.set_forkserver_preload = preload
    preload([])
    yield
    forkserver.set_forkserver_preload = original


@pytest.fixture(scope="session")
def children(_the_forkserver_has_loaded_everything: None) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes, each for one call. They start quickly, with everything loaded."""
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        yield pool


@pytest.fixture(autouse=True)
def _no_test_knows_the_secrets_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process masks all secrets that it knows: a word of one test would be stars in the next."""
    monkeypatch.setattr("storage.guard.secrets._known", KnownSecrets())


class Statements(dict[Any, Any]):
    """Statements as SQL, by the kind of database: each engine alone would make them all anew."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), value)


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once_a_session() -> Iterator[None]:
    made = Statements()

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=made)

    event.listen(Engine, "engine_connect", share)
    yield
    event.remove(Engine, "engine_connect", share)


@dataclass(frozen=True)
class PostgresServer:
    """A server for one test session, on a free port of the loopback interface."""

    programs: Path
    data: Path
    port: int
    user: str | None

    def url(self, database: str) -> str:
        return f"postgresql://nkwire@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        # Nothing here outlives the session: no vacuum of databases that are gone at once, no log
        # for standbys.
        set_to = f"listen_addresses=127.0.0.1 unix_socket_directories='' {QUICK}"
        options = f"-F -p {self.port} " + " ".join(f"-c {each}" for each in set_to.split())
        log = str(self.data / "server.log")
        self.run(
            "pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", "60", "-o", options, "start"
        )

    def stop(self) -> None:
        """Stop at once, as in a crash: connections are cut, nothing is written down."""
        self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            check=True,
            user=self.user,
            cwd=self.data.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self, template: str = "template0") -> str:
        """The URL of a new database, empty or like the template."""
        name = f"test_{uuid4().hex}"
        # Files are copied much quicker than pages are logged; before 15 there was no choice.
        files = "STRATEGY FILE_COPY" if self.major >= 15 else ""
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} {files}")
        return self.url(name)

    @cached_property
    def major(self) -> int:
        """The server's version: 15."""
        with psycopg.connect(self.url("postgres")) as connection:
            return connection.info.server_version // 10_000

    def drop_database(self, url: str) -> None:
        """Remove a database and cut its connections."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")


def _postgres_programs() -> Path | None:
    """Where initdb and pg_ctl are; Debian keeps them off the PATH."""
    found = [Path(p).parent for p in (shutil.which("initdb"),) if p]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [f for f in found if (f / "initdb").exists() and (f / "pg_ctl").exists()]
    return found[0] if found else None


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of our own, gone with the test session."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs (initdb, pg_ctl) on this machine")
    user = _server_user()
    # Not tmp_path: that is closed to the user the server runs as.
    home = Path(tempfile.mkdtemp(prefix="nkwire-pg-"))
    if user is not None:
        shutil.chown(home, user)
    server = PostgresServer(programs, home / "data", _free_port(), user)
    try:
        server.data.mkdir(mode=0o700)
        if user is not None:
            shutil.chown(server.data, user)
        encoding = ("-E", "UTF8", "--locale=C", "-A", "trust", "-U", "nkwire", "--no-sync")
        server.run("initdb", "-D", str(server.data), *encoding)
        server.start()
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables, to copy: making the tables takes a while."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    storage.open_database(f"sqlite:///{path}", seed=1).close()
    return path


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: PostgresServer) -> str:
    """The name of an empty database with all tables, to copy."""
    url = postgres_server.new_database()
    storage.open_database(url, seed=1).close()
    return url.rsplit("/", 1)[1]


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'nkwire.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    """A server of S3 of our own, gone with the test session."""
    yield from object_storage.serve_s3()


@pytest.fixture
def bucket(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> object_storage.Bucket:
    """An empty bucket, which `s3://` finds by the environment."""
    object_storage.use_s3(s3_port, monkeypatch)
    return object_storage.make_bucket(s3_port)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hostile texts that a test logged must reach the process that reports: lone surrogates cannot."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report
