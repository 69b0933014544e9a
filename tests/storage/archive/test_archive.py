"""What an archive does on a real server of S3, and on a file system that shows half files."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.archive.archive import Archive
from storage.errors import ArchiveConflict, ArchiveError, ArchiveUnavailable
from tests.storage.object_storage import Bucket, faulty_connection, use_s3

KEY = "kcna/run.warc.gz"
PART = 5 << 20  # the least that S3 takes
PARTS = 11 << 20
UPLOAD = f"""
import sys
from pathlib import Path
from storage.archive import filesystem
from storage.archive.archive import Archive
filesystem._PART_BYTES = {PART}
Archive(sys.argv[1]).put(Path(sys.argv[2]), sys.argv[3])
"""


@pytest.fixture(params=["s3", "file"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    if request.param == "file":
        (tmp_path / "mounted").mkdir()
        return Archive(f"file://{tmp_path}/mounted")
    bucket: Bucket = request.getfixturevalue("bucket")
    return Archive(f"{bucket.address}/warc")


@pytest.fixture
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets an upload have parts that is larger than two of the least."""
    monkeypatch.setattr("storage.archive.filesystem._PART_BYTES", PART)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.warc.gz"
    path.write_bytes(os.urandom(300_000))
    return path


def test_a_file_is_put_and_read_by_range(archive: Archive, file: Path) -> None:
    assert archive.open(KEY) is None
    assert archive.put(file, KEY)
    assert archive.size(KEY) == 300_000
    with archive.open(KEY) or pytest.fail("it is gone") as opened:
        opened.seek(200_001)
        assert opened.read(5) == file.read_bytes()[200_001:200_006]
        assert opened.seek(0, 2) == 300_000
        assert opened.read(1) == b""
    assert archive.holds(file, KEY)
    assert archive.delete(KEY) == 300_000
    assert archive.delete(KEY) == 0
    assert archive.open(KEY) is None


def test_the_second_put_of_the_same_bytes_is_harmless(archive: Archive, file: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: archive.put(file, KEY), range(4)))
    assert any(results)
    assert archive.holds(file, KEY)
    assert not archive.put(file, KEY)


def test_other_bytes_of_the_name_stay(archive: Archive, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(file.read_bytes()[::-1])
    archive.put(other, KEY)
    with pytest.raises(ArchiveConflict):
        archive.put(file, KEY)
    assert archive.holds(other, KEY)
    assert not archive.holds(file, KEY)


def test_an_object_that_its_file_has_outgrown_is_replaced(archive: Archive, file: Path) -> None:
    archive.put(file, KEY)
    with file.open("ab") as growing:
        growing.write(b"more")
    assert archive.put(file, KEY)
    assert archive.holds(file, KEY)


def test_a_probe_leaves_nothing_behind(bucket: Bucket) -> None:
    Archive(bucket.address).probe()
    assert bucket.names() == []


@pytest.mark.parametrize("key", ["../run.warc.gz", "kcna/../../x", "a//b", "a\0b"])
def test_a_name_leads_nowhere_else(key: str, file: Path, tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    archive = Archive(f"file://{tmp_path}/mounted")
    assert (archive.open(key), archive.size(key), archive.delete(key)) == (None, None, 0)
    with pytest.raises(ArchiveConflict, match="leads out of the archive"):
        archive.put(file, key)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [file]


@pytest.mark.usefixtures("_parts")
def test_an_upload_in_parts_is_whole(bucket: Bucket, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(1 << 20) * (PARTS >> 20))
    archive = Archive(bucket.address)
    assert archive.put(large, KEY)
    assert archive.holds(large, KEY)
    assert bucket.uploads() == 0


@pytest.mark.parametrize(("fault", "after"), [("500", 0), ("cut", 200_000), ("cut", 4 << 20)])
@pytest.mark.usefixtures("_parts")
def test_an_upload_that_breaks_off_leaves_nothing(
    fault: str, after: int, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run"
    file.write_bytes(os.urandom(1 << 20) * (PARTS >> 20 if after > 1 << 20 else 1))
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
        connection.fault, connection.after = fault, after
        with pytest.raises(ArchiveUnavailable) as raised:
            Archive(bucket.address).put(file, KEY)
        assert "\n" not in str(raised.value)
        assert bucket.names() == []
        assert bucket.uploads() == 0
        connection.fault = ""
        assert Archive(bucket.address).put(file, KEY)
    assert bucket.names() == [KEY]


def test_an_upload_that_is_killed_leaves_no_object(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run"
    file.write_bytes(os.urandom(1 << 20) * (PARTS >> 20))
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
        connection.fault, connection.after = "stall", PART // 2
        process = subprocess.Popen([sys.executable, "-c", UPLOAD, bucket.address, file, KEY])
        assert connection.stalled.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert bucket.names() == []
    use_s3(bucket.port, monkeypatch)
    archive = Archive(bucket.address)
    assert archive.put(file, KEY)
    assert archive.holds(file, KEY)


def test_missing_rights_are_told_as_such(
    bucket: Bucket, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
        connection.fault = "403"
        with pytest.raises(ArchiveError, match="access is refused") as raised:
            Archive(bucket.address).put(file, KEY)
    assert raised.value.exit_code == 2
    assert bucket.names() == []


def test_a_killed_copy_to_a_mounted_disk_has_no_name_of_a_recording(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()

    def copy_half(source: object, target: object) -> None:
        Path(str(target)).write_bytes(file.read_bytes()[:1000])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", copy_half)
    with pytest.raises(ArchiveUnavailable, match="No space left"):
        Archive(f"file://{mounted}").put(file, KEY)
    assert [each for each in mounted.rglob("*") if each.is_file()] == []


def test_a_wrong_bucket_is_not_taken_for_a_missing_recording(bucket: Bucket, file: Path) -> None:
    archive = Archive(f"{bucket.address}-of-others/warc")
    for call in (
        lambda: archive.open(KEY),
        lambda: archive.size(KEY),
        lambda: archive.put(file, KEY),
        lambda: archive.delete(KEY),
        archive.probe,
    ):
        with pytest.raises(ArchiveError, match="there is no such bucket"):
            call()


def test_a_disk_that_is_not_mounted_is_not_taken_for_an_empty_archive(
    tmp_path: Path, file: Path
) -> None:
    archive = Archive(f"file://{tmp_path}/mounted")
    with pytest.raises(ArchiveError, match="there is no such folder"):
        archive.open(KEY)
    with pytest.raises(ArchiveError, match="there is no such folder"):
        archive.put(file, KEY)
    assert not (tmp_path / "mounted").exists()


def test_a_server_that_is_gone_and_an_unknown_scheme_are_one_line(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
    with pytest.raises(ArchiveUnavailable) as raised:
        Archive(bucket.address).open(KEY)
    assert raised.value.exit_code == 4
    assert "\n" not in str(raised.value)
    with pytest.raises(ArchiveError, match="nosuch"):
        Archive("nosuch://bucket").prepare()
