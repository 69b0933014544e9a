"""Commands that look leave any database as it is, and say in one line what is wrong with it."""

import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from typer.main import get_command

from cli.app import app
from tests.cli.conftest import TEXT
from tests.cli.looking import LOOKING, WRITING, Commands, fill, fingerprint

pytestmark = pytest.mark.threats("R18")
FEW = ("status", "search kiln", "export - --all")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with articles, to copy."""
    path = tmp_path_factory.mktemp("template") / "nkwire.db"
    fill(f"sqlite:///{path}", TEXT)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder that can be removed whatever a test forbids in it."""
    yield tmp_path
    subprocess.run(["chmod", "-R", "u+rwx", str(tmp_path)], check=False)


@pytest.fixture
def home(place: Path) -> Path:
    """The folder of the database."""
    (place / "home").mkdir(mode=0o755)
    return place / "home"


@pytest.fixture
def db(home: Path, template: Path) -> Path:
    """A database with articles."""
    shutil.copy(template, home / "nkwire.db")
    (home / "nkwire.db").chmod(0o644)
    return home / "nkwire.db"


@pytest.fixture
def command(children: ProcessPoolExecutor, place: Path) -> Commands:
    (place / "runs").mkdir(mode=0o755)
    return Commands(children, place / "runs")


@pytest.fixture
def without_rights(command: Commands) -> Commands:
    command.has_rights = False
    return command


def database_commands(group: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, each in getattr(group, "commands", {}).items():
        yield from database_commands(each, (*path, name))
    if any(each.name == "database" for each in getattr(group, "params", ())):
        yield " ".join(path)


def test_every_command_is_known_to_look_or_to_write() -> None:
    assert {*database_commands(get_command(app))} == {*LOOKING, *WRITING, "web", "doctor"}


@pytest.mark.parametrize("line", LOOKING.values(), ids=LOOKING)
def test_a_sound_database_stays_as_it_is(
    line: str, home: Path, db: Path, command: Commands
) -> None:
    before = fingerprint(home)
    ended = command(line, f"sqlite:///{db}")
    assert (ended.code, "Traceback" in ended.err) == (0, False), ended.err
    assert fingerprint(home) == before


@pytest.mark.parametrize("line", LOOKING.values(), ids=LOOKING)
def test_beside_a_writer_the_latest_is_read_and_nothing_changed(
    line: str, home: Path, db: Path, command: Commands
) -> None:
    writer = sqlite3.connect(db)
    writer.execute("UPDATE version SET title = 'Newest kiln' WHERE id = 1")
    writer.commit()
    before = fingerprint(home)
    assert "nkwire.db-wal" in before
    ended = command(line, f"sqlite:///{db}")
    assert ended.code == (1 if line == "verify" else 0), ended.err
    assert fingerprint(home) == before
    if line in ("show 1", "export - --reports --all"):
        assert "Newest kiln" in ended.out
    writer.close()


@pytest.mark.parametrize("line", LOOKING.values(), ids=LOOKING)
def test_what_may_only_be_read_is_read(
    line: str, home: Path, db: Path, without_rights: Commands
) -> None:
    db.chmod(0o444)
    home.chmod(0o555)
    before = fingerprint(home)
    ended = without_rights(line, f"sqlite:///{db}")
    assert (ended.code, "Traceback" in ended.err) == (0, False), ended.err
    assert fingerprint(home) == before


@pytest.mark.parametrize("line", LOOKING.values(), ids=LOOKING)
def test_an_empty_file_is_no_new_database(line: str, home: Path, command: Commands) -> None:
    (home / "nkwire.db").touch()
    before = fingerprint(home)
    ended = command(line, f"sqlite:///{home}/nkwire.db")
    assert (ended.code, ended.out) == (2, "")
    assert ended.is_one_line()
    assert "is empty" in ended.err
    assert fingerprint(home) == before


@pytest.mark.parametrize("line", FEW)
def test_a_log_that_a_killed_writer_left_is_read(
    line: str, home: Path, db: Path, command: Commands
) -> None:
    leave_log(db)
    before = fingerprint(home)
    ended = command(line, f"sqlite:///{db}")
    assert ended.code == 0, ended.err
    assert fingerprint(home) == before
    if line.startswith("export"):
        assert "Left behind" in ended.out


@pytest.mark.parametrize("line", FEW)
@pytest.mark.parametrize("mode", [0o755, 0o555])
def test_a_log_without_its_index_is_read(
    line: str, mode: int, home: Path, db: Path, without_rights: Commands
) -> None:
    leave_log(db)
    db.with_name("nkwire.db-shm").unlink()
    home.chmod(mode)
    before = fingerprint(home)
    ended = without_rights(line, f"sqlite:///{db}")
    assert ended.code == 0, ended.err
    assert fingerprint(home) == before
    if line.startswith("export"):
        assert "Left behind" in ended.out


@pytest.mark.parametrize("line", FEW)
@pytest.mark.parametrize("damage", ["header", "middle", "cut", "noise"])
def test_a_damaged_log_is_told_or_ends_where_it_is_sound(
    line: str, damage: str, home: Path, db: Path, command: Commands
) -> None:
    leave_log(db)
    log = db.with_name("nkwire.db-wal")
    content = bytearray(log.read_bytes())
    if damage == "header":
        content[:32] = bytes(255 - byte for byte in content[:32])
    elif damage == "middle":
        content[len(content) // 2] ^= 0xFF
    elif damage == "cut":
        del content[len(content) // 2 :]
    else:
        content[:] = random.Random(1).randbytes(len(content))
    log.write_bytes(content)
    before = fingerprint(home)
    ended = command(line, f"sqlite:///{db}")
    assert ended.code == 0 or ended.is_one_line(), ended.err
    assert fingerprint(home) == before


@pytest.mark.parametrize("line", FEW)
def test_a_hot_journal_is_left_for_a_writer(
    line: str, home: Path, db: Path, command: Commands
) -> None:
    leave_journal(db)
    before = fingerprint(home)
    ended = command(line, f"sqlite:///{db}")
    assert (ended.code, ended.is_one_line()) == (2, True), ended.err
    assert "nkwire upgrade" in ended.err
    assert fingerprint(home) == before
    assert command("upgrade", f"sqlite:///{db}").code == 0
    assert command(line, f"sqlite:///{db}").code == 0


def make_wrong(kind: str, home: Path, template: Path) -> Path:
    """Makes what is no database of ours; returns its path."""
    path = home / "nkwire.db"
    if kind == "text":
        path.write_text("Not a database.\n" * 500)
    elif kind == "short text":
        path.write_text("x")
    elif kind == "folder":
        path.mkdir()
    elif kind == "missing folder":
        return home / "none" / "deep" / "nkwire.db"
    elif kind == "file as a folder":
        path.touch()
        return path / "nkwire.db"
    elif kind == "broken link":
        path.symlink_to(home / "nowhere")
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        return Path("/dev/null")
    elif kind == "endless device":
        return Path("/dev/zero")
    elif kind == "long name":
        return home / ("n" * 5000)
    elif kind == "another program":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE bookmarks (id INTEGER)")
        other.close()
    elif kind == "another program with alembic":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE alembic_version (version_num TEXT)")
            other.execute("INSERT INTO alembic_version VALUES ('0021')")
            other.execute("CREATE TABLE bookmarks (id INTEGER)")
        other.close()
    elif kind in ("older", "newer"):
        shutil.copy(template, path)
        with sqlite3.connect(path) as changed:
            revision = {"older": "0018", "newer": "9999"}[kind]
            changed.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        changed.close()
    elif kind == "half":
        path.write_bytes(template.read_bytes()[: template.stat().st_size // 2])
    elif kind == "header only":
        path.write_bytes(template.read_bytes()[:100])
    elif kind == "header inverted":
        content = template.read_bytes()
        path.write_bytes(bytes(255 - byte for byte in content[:100]) + content[100:])
    elif kind == "zeros":
        path.write_bytes(bytes(100_000))
    return path


WRONG = (
    *("missing", "text", "short text", "folder", "missing folder", "file as a folder"),
    *("broken link", "link to itself", "fifo", "device", "endless device", "long name"),
    *("another program", "another program with alembic", "older", "newer", "half"),
    *("header only", "header inverted", "zeros"),
)


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_sound_database_is_told_in_one_line(
    kind: str, home: Path, template: Path, command: Commands
) -> None:
    path = make_wrong(kind, home, template)
    before = fingerprint(home)
    for line in FEW:
        ended = command(line, f"sqlite:///{path}")
        assert (ended.code, ended.out, ended.is_one_line()) == (2, "", True), ended.err
        assert len(ended.err) < 1500
        assert fingerprint(home) == before


@pytest.mark.parametrize("kind", [each for each in WRONG if each != "missing"])
def test_a_writing_command_does_not_change_it_either(
    kind: str, home: Path, template: Path, command: Commands
) -> None:
    if kind in ("missing folder", "older", "header only", "half"):
        pytest.skip("a writer makes, migrates or repairs it")
    path = make_wrong(kind, home, template)
    before = fingerprint(home)
    ended = command("schedule pause kcna", f"sqlite:///{path}")
    assert (ended.code, ended.out, ended.is_one_line()) == (2, "", True), ended.err
    assert fingerprint(home) == before


@pytest.mark.parametrize(
    "modes", [(0o000, 0o755), (0o644, 0o644), (0o644, 0o000), (0o000, 0o000), (0o200, 0o755)]
)
def test_what_must_not_be_read_is_told(
    modes: tuple[int, int], home: Path, db: Path, without_rights: Commands
) -> None:
    db.chmod(modes[0])
    home.chmod(modes[1])
    before = fingerprint(home)
    for line in FEW:
        ended = without_rights(line, f"sqlite:///{db}")
        assert (ended.code, ended.out, ended.is_one_line()) == (2, "", True), ended.err
        assert "ermission" in ended.err
        assert fingerprint(home) == before


def test_a_read_only_mount_is_read(home: Path, db: Path, command: Commands, place: Path) -> None:
    mounted = place / "mounted"
    mounted.mkdir()
    bound = subprocess.run(["mount", "--bind", str(home), str(mounted)], check=False)
    if bound.returncode:
        pytest.skip("this machine does not let us mount a folder")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(mounted)], check=True)
        for line in LOOKING.values():
            ended = command(line, f"sqlite:///{mounted}/nkwire.db")
            assert ended.code == 0, (line, ended.err)
        leave_log(db)
        before = fingerprint(home)
        ended = command("export - --all", f"sqlite:///{mounted}/nkwire.db")
        assert (ended.code, "Left behind" in ended.out) == (0, True), ended.err
        ended = command("schedule pause kcna", f"sqlite:///{mounted}/nkwire.db")
        assert (ended.code, ended.is_one_line()) == (2, True), ended.err
        assert fingerprint(home) == before
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


@pytest.mark.parametrize("area", ["anywhere", "first page", "texts", "schema"])
@pytest.mark.parametrize("seed", range(3))
def test_inverted_bytes_are_told_or_do_not_matter(
    area: str, seed: int, home: Path, db: Path, command: Commands
) -> None:
    invert(db, area, seed)
    before = fingerprint(home)
    for line in ("status", "search kiln", "show 1", "changes --all"):
        ended = command(line, f"sqlite:///{db}")
        assert ended.code == 0 or ended.is_one_line(), (line, ended.err)
        assert fingerprint(home) == before
    ended = command("export {out}/corpus.jsonl --all", f"sqlite:///{db}")
    assert ended.code == 0 or ended.is_one_line(), ended.err
    if ended.code:
        assert not list(command.folder.rglob("*corpus.jsonl*"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_every_looking_command_stands_inverted_bytes(
    seed: int, home: Path, db: Path, command: Commands
) -> None:
    invert(db, ("anywhere", "first page", "texts", "schema")[seed % 4], seed)
    before = fingerprint(home)
    for line in LOOKING.values():
        ended = command(line, f"sqlite:///{db}")
        assert ended.code == 0 or ended.is_one_line() or line == "verify", (line, ended.err)
        assert "Traceback" not in ended.err
        assert fingerprint(home) == before


def invert(path: Path, area: str, seed: int) -> None:
    """Inverts 300 bytes of the file, in one of its areas."""
    content = bytearray(path.read_bytes())
    chosen = random.Random(seed)
    if area == "anywhere":
        places = chosen.sample(range(len(content)), 300)
    elif area == "first page":
        places = chosen.sample(range(100, 4096), 300)
    elif area == "schema":
        at = content.index(b"CREATE TABLE")
        places = chosen.sample(range(at - 200, at + 3000), 300)
    else:
        at = content.index(TEXT[:40].encode())
        places = [*range(at, at + 300)]
    for place in places:
        content[place] ^= 0xFF
    path.write_bytes(content)


def leave_log(path: Path) -> None:
    """Leaves a write-ahead log with content, as a killed writer does."""
    run_and_die(path, "UPDATE version SET title = 'Left behind' WHERE id = 1")


def leave_journal(path: Path) -> None:
    """Leaves a journal that must be rolled back, as a killed writer does."""
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    plain.close()
    program = (
        "import sqlite3, shutil, sys, os\n"
        "path = sys.argv[1]\n"
        "c = sqlite3.connect(path, isolation_level=None)\n"
        "c.execute('PRAGMA cache_spill=1'); c.execute('PRAGMA cache_size=1')\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute('CREATE TABLE big (a)')\n"
        "for n in range(2000): c.execute('INSERT INTO big VALUES (randomblob(500))')\n"
        "os._exit(0)\n"
    )
    subprocess.run(["python3", "-c", program, str(path)], check=True)
    assert path.with_name(path.name + "-journal").stat().st_size > 0


def run_and_die(path: Path, statement: str) -> None:
    program = (
        "import sqlite3, sys, os\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute(sys.argv[2])\n"
        "os._exit(0)\n"
    )
    subprocess.run(["python3", "-c", program, str(path), statement], check=True)
