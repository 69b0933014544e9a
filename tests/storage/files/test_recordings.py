from pathlib import Path

import pytest

from storage.files.recordings import describe_missing, find_recording, recording_folders


@pytest.mark.parametrize(
    ("url", "folders"),
    [
        ("sqlite:///{tmp}/home/nkwire.db", ["home/warc"]),
        ("sqlite:///{tmp}/home/../home/other.db", ["home/warc"]),
        ("sqlite:///{tmp}/demo/nkwire.db", ["home/warc", "demo/warc"]),
        ("sqlite://", ["home/warc"]),
        ("sqlite:///:memory:", ["home/warc"]),
        ("sqlite:///file:x.db?mode=ro&uri=true", ["home/warc"]),
        ("postgresql://localhost/nkwire", ["home/warc"]),
        ("no url", ["home/warc"]),
    ],
)
def test_recordings_are_in_the_home_folder_or_beside_the_file_of_the_database(
    tmp_path: Path, url: str, folders: list[str]
) -> None:
    found = recording_folders(tmp_path / "home", url.format(tmp=tmp_path))
    assert [str(folder.relative_to(tmp_path)) for folder in found] == folders


def test_a_recording_is_found_in_the_first_folder_that_has_it(tmp_path: Path) -> None:
    one, two = folders = (tmp_path / "one", tmp_path / "two")
    for file in (one / "a.warc.gz", two / "a.warc.gz", two / "kcna" / "b.warc.gz"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert find_recording(folders, "kcna", "a.warc.gz") == one / "a.warc.gz"
    assert find_recording(folders, "kcna", "b.warc.gz") == two / "kcna" / "b.warc.gz"
    for name in ("../two/a.warc.gz", str(two / "a.warc.gz"), "none", "", "x" * 5000, "a\0b"):
        assert find_recording(folders[:1], "kcna", name) is None


def test_what_is_missing_is_one_line_that_says_what_to_set(tmp_path: Path) -> None:
    line = describe_missing({f"{n}.warc.gz": 2 for n in range(5)}, [Path("a/warc"), Path("b/warc")])
    assert line == (
        "not found, with 10 pages: 0.warc.gz, 1.warc.gz, 2.warc.gz ...; nkwire looks in a/warc and"
        " b/warc: set NKWIRE_HOME to the folder whose warc/ has them, or NKWIRE_ARCHIVE if another"
        " host has them"
    )
