"""One host records, another one reads: all that has to do with recordings works on both."""

import gzip
import json
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pyarrow.parquet
import pytest

from storage import open_database
from tests.cli.conftest import Command
from tests.crawler.warc.recorded_runs import FILES, record_runs
from tests.storage.object_storage import Bucket, faulty_connection, use_s3


@pytest.fixture
def recorded(bucket: Bucket, an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What host A recorded into its home; all share a database and an archive."""
    monkeypatch.setenv("NKWIRE_DATABASE_URL", f"sqlite:///{an_empty_folder}/shared.db")
    monkeypatch.setenv("NKWIRE_ARCHIVE", f"{bucket.address}/warc/")
    monkeypatch.setenv("NKWIRE_HOME", "host-a")
    return record_runs(Path("host-a"), f"sqlite:///{an_empty_folder}/shared.db")


@pytest.fixture
def on_host_b(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setenv("NKWIRE_HOME", "host-b")


def test_recordings_are_pushed_once_and_read_on_another_host(
    nkwire: Command, recorded: list[Path], bucket: Bucket, on_host_b: Callable[[], None]
) -> None:
    said = nkwire("archive", "push", "--dry-run", "--json")
    assert said.json["archived"] == [str(file) for file in recorded]
    assert bucket.names() == []
    status = nkwire("archive", "status", "--json").json
    assert (status["recordings"], status["waiting"]) == (0, FILES)

    said = nkwire("archive", "push")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith(f"{FILES} archived (")
    assert bucket.names() == sorted(f"warc/herald.test/{file.name}" for file in recorded)
    assert nkwire("archive", "push").err == "nothing new to archive\n"
    status = nkwire("archive", "status", "--json").json
    assert (status["recordings"], status["waiting"]) == (FILES, 0)
    assert status["bytes"] == sum(file.stat().st_size for file in recorded)

    on_host_b()
    said = nkwire("verify")
    assert (said.code, said.out, said.err) == (0, f"{FILES} as captured\n", "")
    assert nkwire("reextract", "--dry-run").out == f"{FILES} read as before\n"
    said = nkwire("export", "pages.warc.gz")
    assert (said.code, said.err) == (0, f"{FILES} pages in pages.warc.gz\n")
    pages = gzip.decompress(Path("pages.warc.gz").read_bytes())
    assert pages.count(b"\n<p>Sentence 0") or pages.count(b"Sentence 0") == FILES
    assert not Path("host-b").exists()


def test_local_files_are_removed_only_after_their_bytes_are_compared(
    nkwire: Command, recorded: list[Path], bucket: Bucket
) -> None:
    assert nkwire("archive", "push").code == 0
    damaged = recorded[1]
    size = damaged.stat().st_size
    bucket.write(f"warc/herald.test/{damaged.name}", b"\x1f\x8b\x08" + b"\0" * (size - 3))
    said = nkwire("archive", "push", "--remove-local", "--json")
    assert said.json["removed"] == [str(recorded[0]), str(recorded[2])]
    assert damaged.exists()
    assert nkwire("verify").out == f"{FILES} as captured\n"

    damaged.unlink()
    said = nkwire("verify")
    assert said.code == 1
    assert said.out == f"{FILES - 1} as captured, 1 unreadable record\n"
    assert f"s3://{bucket.name}/warc/herald.test/{damaged.name}: " in said.err


def test_a_recording_that_no_run_made_is_pushed_too(
    nkwire: Command, recorded: list[Path], bucket: Bucket, on_host_b: Callable[[], None]
) -> None:
    foreign = Path("host-a/warc/2019/CC-NEWS-1.warc.gz")
    foreign.parent.mkdir()
    shutil.copy(recorded[0], foreign)
    assert nkwire("archive", "push").code == 0
    assert "warc/CC-NEWS-1.warc.gz" in bucket.names()
    assert nkwire("archive", "push").err == "nothing new to archive\n"


def test_a_push_that_is_killed_is_continued(
    program: list[str],
    started: Callable[..., Popen[str]],
    nkwire: Command,
    recorded: list[Path],
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
        connection.fault, connection.after = "stall", 200
        process = started(*program, "archive", "push")
        assert connection.stalled.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert bucket.names() == []
    use_s3(bucket.port, monkeypatch)
    assert nkwire("archive", "push").err.startswith(f"{FILES} archived (")
    assert len(bucket.names()) == len(recorded)


@pytest.mark.usefixtures("recorded")
def test_a_wrong_bucket_and_a_server_that_is_gone_are_no_lost_evidence(
    nkwire: Command, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, on_host_b: Callable[[], None]
) -> None:
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    on_host_b()
    monkeypatch.setenv("NKWIRE_ARCHIVE", f"{bucket.address}-of-others")
    said = nkwire("verify")
    assert (said.code, said.out) == (2, "")
    assert "there is no such bucket" in said.err.splitlines()[-1]
    monkeypatch.setenv("NKWIRE_ARCHIVE", bucket.address)
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
    for command in (("verify",), ("export", "pages.warc.gz"), ("reextract",)):
        said = nkwire(*command)
        assert (said.code, said.out) == (4, "")
        assert "does not answer" in said.err.splitlines()[-1]
    assert not Path("pages.warc.gz").exists()


def test_old_recordings_are_tidied_up_from_another_host(
    nkwire: Command,
    recorded: list[Path],
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    on_host_b: Callable[[], None],
    an_empty_folder: Path,
) -> None:
    record_runs(Path("host-a"), f"sqlite:///{an_empty_folder}/shared.db", days=60)
    assert nkwire("archive", "push").code == 0
    on_host_b()
    monkeypatch.setenv("NKWIRE_KEEP_WARC_DAYS", "1")
    said = nkwire("tidy", "--dry-run", "--json").json
    assert len(said["deleted_objects"]) == FILES
    assert len(bucket.names()) == 2 * FILES
    assert nkwire("tidy", "--json").json == {**said, "dry_run": False}
    assert bucket.names() == sorted(f"warc/herald.test/{file.name}" for file in recorded)
    assert nkwire("verify").out == f"{FILES} as captured, {FILES} expired\n"


def test_an_export_appears_on_s3_when_it_is_complete(
    nkwire: Command, bucket: Bucket, an_empty_folder: Path, recorded: list[Path]
) -> None:
    for name in ("all.parquet", "all.jsonl.gz", "all.csv", "all.xlsx", "all.sqlite"):
        said = nkwire("export", f"{bucket.address}/x/{name}")
        assert (said.code, said.err) == (0, f"{FILES} articles in {bucket.address}/x/{name}\n")
        assert nkwire("export", name).code == 0
        local = Path(name).read_bytes()
        remote = bucket.read(f"x/{name}")
        if name.endswith(("csv", "gz", "parquet")):
            assert remote == local
        assert len(remote) == len(local)
    assert {path.name for path in an_empty_folder.iterdir()} <= {
        *("host-a", "shared.db", "data", "all.parquet", "all.jsonl.gz", "all.csv", "all.xlsx"),
        "all.sqlite",
    }


@pytest.mark.usefixtures("recorded")
def test_a_partitioned_export_on_s3_ends_with_a_mark(nkwire: Command, bucket: Bucket) -> None:
    command = ("export", f"{bucket.address}/parts", "--format", "parquet", "--partition")
    assert nkwire(*command).code == 0
    first = [name for name in bucket.names() if name.endswith(".parquet")]
    assert first
    assert "parts/_SUCCESS" in bucket.names()
    said = nkwire(*command)
    assert said.code == 2
    assert "exists already" in said.err


@pytest.mark.usefixtures("recorded")
def test_an_export_that_fails_leaves_the_earlier_object(
    nkwire: Command, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    address = f"{bucket.address}/all.parquet"
    assert nkwire("export", address).code == 0
    before = bucket.read("all.parquet")
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
        connection.fault, connection.after = "cut", 1000
        said = nkwire("export", address, "--limit", "1")
    assert said.code == 4
    assert bucket.read("all.parquet") == before
    use_s3(bucket.port, monkeypatch)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_table", fail)
    assert nkwire("export", address).code == 4
    assert bucket.read("all.parquet") == before
    assert pyarrow.parquet.ParquetFile(pyarrow.BufferReader(before)).metadata.num_rows == FILES


@pytest.mark.parametrize(
    "command",
    [
        "backup s3://corpus/nkwire.db",
        "import s3://corpus/dump.parquet",
        "snapshot create first --out=s3://corpus/first",
        "ingest gs://corpus/pages.warc.gz",
        "init --home s3://corpus/home",
        "verify --database sqlite:///s3://corpus/nkwire.db",
        "export https://corpus.example/all.csv",
        "export s3://corpus.csv",
    ],
)
def test_an_address_is_no_path_of_this_machine(
    command: str, nkwire: Command, an_empty_folder: Path
) -> None:
    said = nkwire(*command.split())
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert list(an_empty_folder.iterdir()) == []


@pytest.mark.parametrize("command", ["crawl kcna", "run --once", "status", "archive status"])
def test_a_home_on_object_storage_is_refused(
    command: str, nkwire: Command, an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_HOME", "s3://corpus/home")
    said = nkwire(*command.split())
    assert (said.code, said.out) == (2, "")
    assert "NKWIRE_HOME must be the path of a folder on this machine" in said.err
    assert list(an_empty_folder.iterdir()) == []


def test_an_archive_address_with_a_password_is_refused_and_not_repeated(
    nkwire: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_ARCHIVE", "s3://AKIA:hidden@corpus/warc")
    said = nkwire("archive", "status")
    assert said.code == 2
    assert "without a password" in said.err
    assert "hidden" not in said.err


def test_without_an_archive_the_command_says_what_to_set(nkwire: Command) -> None:
    open_database("sqlite:///data/nkwire.db", seed=1).close()
    line = "there is no archive: set NKWIRE_ARCHIVE=s3://BUCKET/PREFIX\n"
    said = nkwire("archive", "push")
    assert (said.code, said.out, said.err) == (2, "", f"nkwire: {line}")
    said = nkwire("archive", "status")
    assert (said.code, said.out, said.err) == (0, "", line)


def test_without_the_extra_one_line_says_what_to_install(
    nkwire: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database("sqlite:///data/nkwire.db", seed=1).close()
    monkeypatch.setenv("NKWIRE_ARCHIVE", "s3://corpus/warc")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    line = "nkwire: s3:// needs pip install 'nkwire[s3]'\n"
    commands = ("archive push", "run", "run --once", "crawl kcna", "export s3://corpus/all.csv")
    for command in commands:
        said = nkwire(*command.split())
        assert (said.code, said.out, said.err) == (2, "", line)
    said = nkwire("archive", "status")
    assert (said.code, said.err) == (0, line)
    assert said.out.startswith("s3://corpus/warc: 0 recordings")


def test_the_archive_is_checked_by_the_doctor(
    nkwire: Command, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_ARCHIVE", bucket.address)
    found = {each["check"]: each for each in nkwire("doctor", "--offline", "--json").json}
    assert found["archive"]["status"] == "ok"
    assert bucket.names() == []
    monkeypatch.setenv("NKWIRE_ARCHIVE", f"{bucket.address}-of-others")
    found = {each["check"]: each for each in nkwire("doctor", "--offline", "--json").json}
    assert found["archive"]["status"] == "problem"
    assert json.dumps(found["archive"]).count("no such bucket") == 1
