"""A migration that is killed midway has changed nothing, and the next opening completes it."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine, event

from benchmarks.storm import migration
from benchmarks.storm.contents import Contents, compare
from benchmarks.storm.killing import Strike, run_child
from benchmarks.storm.place import Place
from storage import open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import SchemaError
from storage.invariants import check_invariants
from storage.migrations import HEAD
from storage.schema import load_revision

pytestmark = [
    # A fork has all modules at once; the parent's threads are those of numpy, which no child calls.
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    pytest.mark.threats("R18", "R10"),
]
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
OLDEST = "0001"
BEGINNING_OF_NEXT = "UPDATE alembic_version SET version_num="


class PostgresServer(Protocol):
    """What is asked of the server in tests/conftest.py."""

    def new_database(self, template: str = ...) -> str: ...

    def drop_database(self, url: str) -> None: ...


@dataclass(frozen=True)
class Old:
    """A filled database of the oldest version, and what an undisturbed migration makes of it.

    `revisions`: the revision that each statement of the migration belongs to.
    """

    template: Place
    copy: Callable[[], Place]
    expected: Contents
    revisions: tuple[str, ...]


@pytest.fixture
def empty_place(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str, Place | None], Place]]:
    """Makes a place of a kind of database, empty or like another one."""
    made: list[str] = []

    def make(kind: str, like: Place | None = None) -> Place:
        folder = tmp_path / f"place-{len(list(tmp_path.iterdir()))}"
        if like:
            shutil.copytree(like.folder, folder)
        else:
            for name in ("home", "out", "tmp"):
                (folder / name).mkdir(parents=True)
        if kind == "sqlite":
            return Place(folder, f"sqlite:///{folder}/nkwire.db", parameter=OLDEST)
        server: PostgresServer = request.getfixturevalue("postgres_server")
        made.append(server.new_database(like.database_name if like else "template0"))
        return Place(folder, made[-1], parameter=OLDEST)

    yield make
    for url in made:
        request.getfixturevalue("postgres_server").drop_database(url)


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, empty_place: Callable[..., Place]) -> Old:
    """A filled database of the oldest version, of each kind in turn."""
    kind: str = request.param
    template = empty_place(kind, None)
    migration.fill_old(template)
    place, revisions = empty_place(kind, template), list[str]()
    current = [OLDEST]

    def note(_: object, __: object, statement: str, *___: object) -> None:
        revisions.append(current[0])
        if statement.startswith(BEGINNING_OF_NEXT):
            current[0] = statement.split("'")[1]

    event.listen(Engine, "before_cursor_execute", note)
    try:
        migration.migrate(place)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    expected = migration.read(place)
    return Old(template, partial(empty_place, kind, template), expected, tuple(revisions))


def migrate_until(place: Place, statement: int) -> None:
    """Begins to migrate, and dies before this statement, counted from 0."""
    counted = [0]

    def count(*_: object) -> None:
        if counted[0] == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        counted[0] += 1

    event.listen(Engine, "before_cursor_execute", count)
    migration.migrate(place)


def revision_of(place: Place) -> str | None:
    engine = TransactionalEngine(make_engine(parse_url(place.url), create=False), patience=20)
    try:
        return engine.read(load_revision)
    finally:
        engine.close()


def is_completed_by_the_next_opening(place: Place, old: Old) -> bool:
    with open_database(place.url, patience=30) as database:
        assert check_invariants(database) == []
    assert revision_of(place) == HEAD
    return compare(old.expected, migration.read(place)) == (0, 0, [])


@pytest.mark.slow
def test_killed_in_each_migration_of_the_chain_all_is_as_before_and_the_next_opening_completes_it(
    old: Old,
) -> None:
    for revision in (*migration.OLDER_REVISIONS, HEAD)[:-1]:
        statements = [n for n, each in enumerate(old.revisions) if each == revision]
        place = old.copy()
        middle = statements[len(statements) // 2]
        ended = run_child(partial(migrate_until, statement=middle), place)
        assert ended.is_killed
        assert revision_of(place) == OLDEST
        with pytest.raises(SchemaError, match=r"^[^\n]*older nkwire \(revision 0001\)[^\n]*$"):
            open_database(place.url, reading_only=True)
        assert is_completed_by_the_next_opening(place, old)


def test_killed_at_the_last_commit_the_next_opening_completes_it(old: Old) -> None:
    usual = run_child(migration.migrate, old.copy())
    assert usual.edges >= 2
    for edge in range(max(1, usual.edges - 3), usual.edges + 1):
        place = old.copy()
        assert run_child(migration.migrate, place, Strike(at_edge=edge)).is_killed
        assert revision_of(place) in (OLDEST, HEAD)
        assert is_completed_by_the_next_opening(place, old)


def stop_midway(place: Place, statement: int) -> None:
    """Begins to migrate, tells its process id, and stands still before this statement."""
    counted = [0]

    def count(*_: object) -> None:
        if counted[0] == statement:
            (place.folder / "midway").write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGSTOP)
        counted[0] += 1

    event.listen(Engine, "before_cursor_execute", count)
    migration.migrate(place)


def test_who_only_looks_is_told_in_one_line_while_a_migration_goes_on(old: Old) -> None:
    place, told = old.copy(), list[str]()
    midway = place.folder / "midway"

    def look() -> None:
        if not told and midway.exists() and midway.read_text():
            with pytest.raises(SchemaError) as raised:
                open_database(place.url, reading_only=True)
            told.append(str(raised.value))
            os.kill(int(midway.read_text()), signal.SIGKILL)

    half = len(old.revisions) // 2
    assert run_child(partial(stop_midway, statement=half), place, meanwhile=look).is_killed
    assert "older nkwire (revision 0001)" in told[0]
    assert "\n" not in told[0]
    assert is_completed_by_the_next_opening(place, old)


@pytest.mark.slow
def test_a_filled_database_of_every_older_version_is_migrated(
    empty_place: Callable[..., Place],
) -> None:
    rows = migration.make_rows(empty_place("sqlite", None))
    for revision in migration.OLDER_REVISIONS:
        place = empty_place("sqlite", None)
        migration.make_old(place.url, revision, rows)
        assert revision_of(place) == revision
        with open_database(place.url) as database:
            assert check_invariants(database) == []
            assert len(list(database.articles.iter())) > 50
