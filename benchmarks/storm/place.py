"""Places that tasks work in: a folder and a database, copied from a template."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.storm.server import Server

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with `home`, `out` and `tmp`, and the URL of a database.

    `press`: the port of the invented press. `parameter`: what the task is told beside.
    """

    folder: Path
    url: str
    press: int = 0
    parameter: str = ""

    @property
    def home(self) -> Path:
        """NKWIRE_HOME of the task."""
        return self.folder / "home"

    @property
    def out(self) -> Path:
        """The folder that the task writes its results to."""
        return self.folder / "out"

    @property
    def temporary(self) -> Path:
        """TMPDIR of the task."""
        return self.folder / "tmp"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is an SQLite file."""
        return self.url.startswith("sqlite")

    @property
    def database_name(self) -> str:
        """The name of a PostgreSQL database."""
        return self.url.rpartition("/")[2]

    def enter(self) -> None:
        """Lets this process work here: environment and temporary folder."""
        os.environ |= {
            "NKWIRE_HOME": str(self.home),
            "NKWIRE_DATABASE_URL": self.url,
            "TMPDIR": str(self.temporary),
            "COLUMNS": "200",
        }
        tempfile.tempdir = None
        tempfile.gettempdir()  # Python tries the folder with a file of its own, once a process
        os.chdir(self.folder)


class Places:
    """Makes places on one kind of database below one folder."""

    def __init__(self, folder: Path, server: Server | None, press: int) -> None:
        self._folder = folder
        self._server = server
        self._press = press
        self._made = 0

    @property
    def server(self) -> Server | None:
        """The PostgreSQL server; None for SQLite."""
        return self._server

    def make(
        self, template: Place | None = None, parameter: str = "", *, shares: bool = False
    ) -> Place:
        """Makes a place like the template, or an empty one. `shares`: with the same database."""
        self._made += 1
        folder = self._folder / f"place-{self._made}"
        if template:
            shutil.copytree(template.folder, folder, symlinks=True)
            parameter = parameter or template.parameter
        else:
            for name in ("home", "out", "tmp"):
                (folder / name).mkdir(parents=True)
        if template and shares:
            return replace(template, folder=folder)
        if self._server is None:
            return Place(folder, f"sqlite:///{folder}/nkwire.db", self._press, parameter)
        name = self._server.new_database(template.database_name if template else "template0")
        return Place(folder, self._server.url(name), self._press, parameter)

    def remove(self, place: Place) -> None:
        """Removes a place."""
        shutil.rmtree(place.folder, ignore_errors=True)
        if self._server is not None:
            self._server.drop_database(place.database_name)

    @contextmanager
    def borrowed(self, template: Place, *, shares: bool = False) -> Iterator[Place]:
        """Makes a place like the template for the block. `shares`: with the same database."""
        place = self.make(template, shares=shares)
        try:
            yield place
        finally:
            if shares:
                shutil.rmtree(place.folder, ignore_errors=True)
            else:
                self.remove(place)
