import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import open_database
from storage.errors import CannotWrite
from storage.files.making import (
    append_file,
    check_temporary_folder,
    create_file,
    describe_wide_mode,
    draft_of,
    is_inside,
    make_folders,
    replaced_file,
)

pytestmark = pytest.mark.threats("S15")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield int(request.param)
    os.umask(before)


def test_files_and_folders_are_never_wider_than_the_owner_and_the_group(
    umask: int, tmp_path: Path
) -> None:
    make_folders(tmp_path / "a" / "b" / "c")
    create_file(tmp_path / "a" / "new").close()
    append_file(tmp_path / "a" / "log").close()
    with replaced_file(tmp_path / "a" / "status") as draft:
        draft.write(b"x")
    assert {mode(each) for each in (tmp_path / "a").iterdir() if each.is_file()} == {0o640 & ~umask}
    folders = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"]
    assert {mode(each) for each in folders} == {0o750 & ~umask}


def test_a_database_and_its_companions_are_for_their_owner_alone(
    umask: int, tmp_path: Path
) -> None:
    file = tmp_path / "sub" / "nkwire.db"
    with open_database(f"sqlite:///{file}") as database:
        database.outlets.declare_ranks({"kcna": 0})
        modes = {each.name: mode(each) for each in file.parent.iterdir()}
    assert set(modes) == {"nkwire.db", "nkwire.db-wal", "nkwire.db-shm"}
    assert set(modes.values()) == {0o600}


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    made: list[tuple[Callable[[Path], object], str]] = [
        (create_file, "File exists"),
        (append_file, "symbolic links"),
    ]
    for number, (make, told) in enumerate(made):
        for target in (victim, tmp_path / "nowhere"):
            link = tmp_path / f"{number}-{target.name}"
            link.symlink_to(target)
            with pytest.raises(OSError, match=told):
                make(link)
    assert victim.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_file_is_replaced_through_a_draft_that_nobody_can_guess(tmp_path: Path) -> None:
    target, victim = tmp_path / "status.json", tmp_path / "victim"
    victim.write_text("mine")
    for name in ("status.json.part", ".status.json.part", f".status.json.{os.getpid()}.part"):
        (tmp_path / name).symlink_to(victim)
    with replaced_file(target) as draft:
        draft.write(b"new")
    assert (target.read_bytes(), victim.read_text()) == (b"new", "mine")
    target.unlink()
    target.symlink_to(victim)
    with replaced_file(target) as draft:  # the link is replaced, not what it leads to
        draft.write(b"newer")
    assert (target.read_bytes(), victim.read_text()) == (b"newer", "mine")
    with draft_of(target) as one, draft_of(target) as other:
        assert one != other


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_of_a_draft_after_a_failure(
    error: type[BaseException], tmp_path: Path
) -> None:
    (tmp_path / "status").write_text("old")

    def write() -> None:
        with replaced_file(tmp_path / "status") as draft:
            draft.write(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert [each.name for each in tmp_path.iterdir()] == ["status"]
    assert (tmp_path / "status").read_text() == "old"


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("a.warc.gz", True),
        ("a/../b", True),
        ("../a", False),
        ("a/../../b", False),
        ("/etc/x", False),
    ],
)
def test_a_name_that_leads_out_of_a_folder_is_found(
    name: str, inside: bool, tmp_path: Path
) -> None:
    assert is_inside(tmp_path / "warc" / name, tmp_path / "warc") is inside


def test_a_database_that_others_may_read_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "nkwire.db"
    file.write_bytes(b"")
    for wide in (0o644, 0o640, 0o602):
        file.chmod(wide)
        assert f"mode {wide:04o}): chmod 600 {file}" in describe_wide_mode(file)
        assert mode(file) == wide
    file.chmod(0o600)
    assert describe_wide_mode(file) == ""
    assert describe_wide_mode(tmp_path / "nowhere") == ""


def test_the_longest_name_has_a_draft_too(tmp_path: Path) -> None:
    target = tmp_path / ("ㄱ" * 85)
    with replaced_file(target) as draft:
        draft.write(b"x")
    assert target.read_bytes() == b"x"


def test_a_temporary_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, link = tmp_path / "tmp", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    for name in (folder, link):
        monkeypatch.setenv("TMPDIR", str(name))
        folder.chmod(0o700)
        check_temporary_folder()
        folder.chmod(0o1777)
        check_temporary_folder()
        folder.chmod(0o777)
        with pytest.raises(CannotWrite, match="others may exchange files there"):
            check_temporary_folder()
    if os.geteuid() == 0:
        folder.chmod(0o700)
        os.chown(folder, 12345, 12345)
        with pytest.raises(CannotWrite, match="belongs to another user"):
            check_temporary_folder()
