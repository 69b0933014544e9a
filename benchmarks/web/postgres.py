"""Starts a PostgreSQL server in a folder, for measurements only: it does not survive a crash."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_SETTINGS = (
    "listen_addresses=127.0.0.1 unix_socket_directories= fsync=off full_page_writes=off"
    " wal_level=minimal max_wal_senders=0 max_wal_size=8GB shared_buffers=1GB"
    " maintenance_work_mem=512MB max_parallel_workers_per_gather=0"
)
_DATABASE = "nkwire"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Runs a server with the data of the folder for the block; yields the URL of its database.

    A new folder gets an empty database. Raises FileNotFoundError if PostgreSQL is not installed.
    """
    programs, user, data = find_programs(), server_user(), folder / "data"
    if not data.exists():
        data.mkdir(mode=0o700, parents=True)
        if user:
            shutil.chown(folder, user)
            shutil.chown(data, user)
        options = ["-E", "UTF8", "--locale=C", "-A", "trust", "-U", "nkwire"]
        run_program(programs / "initdb", user, "-D", str(data), *options)
    port = free_port()
    options = [f"-p {port}", *(f"-c {each}" for each in _SETTINGS.split())]
    control, log = programs / "pg_ctl", str(data / "server.log")
    run_program(control, user, "-D", str(data), "-l", log, "-w", "-o", " ".join(options), "start")
    try:
        server = f"postgresql://nkwire@127.0.0.1:{port}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [_DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0".encode())
        url = f"{server}/{_DATABASE}"
        yield url
    finally:
        run_program(control, user, "-D", str(data), "-m", "fast", "-w", "stop")


def run_program(program: Path, user: str | None, *arguments: str) -> None:
    """Runs a server program as a user. Raises CalledProcessError if it fails."""
    subprocess.run(
        [str(program), *arguments],
        check=True,
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def find_programs() -> Path:
    """Returns the folder of initdb and pg_ctl; Debian keeps them off the PATH."""
    found = [Path(each).parent for each in (shutil.which("initdb"),) if each]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "pg_ctl").exists():
            return folder
    raise FileNotFoundError("no server programs of PostgreSQL (initdb, pg_ctl)")


def server_user() -> str | None:
    """Returns the user for the server if we are root: PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else None


def free_port() -> int:
    """Returns a free port of the loopback interface."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
