"""A PostgreSQL server for the storm: it survives the crash of its processes, not of the machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import psycopg

from benchmarks.web.postgres import find_programs, free_port, run_program, server_user

_SETTINGS = (
    "listen_addresses=127.0.0.1 unix_socket_directories= fsync=off wal_level=minimal"
    " max_wal_senders=0 autovacuum=off shared_buffers=64MB max_connections=60"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server on a port of the loopback interface. `folder` is for its data and nothing else."""

    folder: Path
    port: int

    def url(self, database: str = "postgres") -> str:
        """Returns the URL of one of its databases."""
        return f"postgresql://nkwire@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        options = f"-p {self.port} " + " ".join(f"-c {each}" for each in _SETTINGS.split())
        log = str(self.folder / "data/server.log")
        self._control("-l", log, "-w", "-t", "120", "-o", options, "start")

    def stop_at_once(self) -> None:
        """Stops it as in a crash: connections are cut, nothing is written down."""
        self._control("-m", "immediate", "-w", "stop")

    def restart_crashed(self) -> None:
        """Stops it as in a crash, and starts it again, which recovers its data."""
        self.stop_at_once()
        self.start()

    def _control(self, *arguments: str) -> None:
        data = str(self.folder / "data")
        run_program(find_programs() / "pg_ctl", server_user(), "-D", data, *arguments)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Runs one statement outside a transaction. Returns its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self, template: str = "template0") -> str:
        """Returns the name of a new database like the template."""
        name = f"storm_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop_database(self, name: str) -> None:
        """Removes a database and cuts its connections."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def backends(self, database: str) -> list[int]:
        """Returns the process ids of the sessions of a database."""
        query = f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}'"
        return [int(str(pid)) for (pid,) in self.execute(query)]

    def check_damage(self, database: str) -> str:
        """Returns what `pg_amcheck` finds in a database; "" if it is sound."""
        self.execute("CREATE EXTENSION IF NOT EXISTS amcheck", database)
        query = (
            "SELECT bt_index_check(index => c.oid, heapallindexed => i.indisunique) FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
            " WHERE a.amname = 'btree' AND c.relpersistence = 'p' AND i.indisvalid"
            " AND c.relnamespace = 'public'::regnamespace"
        )
        heaps = (
            "SELECT c.relname, v.msg FROM pg_class c, LATERAL verify_heapam(c.oid) v"
            " WHERE c.relkind IN ('r', 't', 'm') AND c.relnamespace = 'public'::regnamespace"
        )
        try:
            self.execute(query, database)
            return "; ".join(
                f"{name}: {problem}" for name, problem in self.execute(heaps, database)
            )
        except psycopg.Error as error:
            return str(error).splitlines()[0]


@contextmanager
def serving_crashable() -> Iterator[Server]:
    """Runs a new server for the block. Raises FileNotFoundError if PostgreSQL is not installed."""
    programs, user = find_programs(), server_user()
    folder = Path(mkdtemp(prefix="nkwire-storm-pg-"))
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(folder, user)
        shutil.chown(data, user)
    options = ["-E", "UTF8", "--locale=C", "-A", "trust", "-U", "nkwire", "--no-sync"]
    server = Server(folder, free_port())
    try:
        run_program(programs / "initdb", user, "-D", str(data), *options)
        server.start()
        yield server
    finally:
        if (data / "postmaster.pid").exists():
            server.stop_at_once()
        shutil.rmtree(folder, ignore_errors=True)
