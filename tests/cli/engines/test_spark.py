"""Spark finds, byte for byte, what one process finds; also when an executor is killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.engines.corpus import make_rows, write_decisions, write_parts
from tests.storage.object_storage import Bucket

ROOT = Path(__file__).parents[3]
NAMES = {"--groups": "groups.json", "--relations": "edges.jsonl", "--reports": "reports.json"}
Started = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark on this machine, on its loopback interface only."""
    pytest.importorskip("pyspark", reason="needs pyspark")
    pytest.importorskip("pandas", reason="needs pandas")
    if not shutil.which("java"):
        pytest.skip("needs Java")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    # Spark itself may be in a folder that only this variable names.
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    use_master(monkeypatch, "local[2]")


def use_master(monkeypatch: pytest.MonkeyPatch, master: str) -> None:
    quick_start = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # these runs end before it pays off
    settings = {
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.extraJavaOptions": quick_start,
        "spark.executor.extraJavaOptions": quick_start,
    }
    words = [f"--conf '{name}={value}'" for name, value in settings.items()]
    arguments = " ".join(["--master", master, *words, "pyspark-shell"])
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", arguments)


@pytest.fixture
def corpus(an_empty_folder: Path) -> Path:
    """A folder of articles, and decisions about some beside it."""
    rows = make_rows()
    write_parts(an_empty_folder / "docs", rows)
    write_decisions(an_empty_folder / "decisions.jsonl", rows)
    return an_empty_folder / "docs"


def command(source: object, out: object) -> list[str]:
    outputs = [word for option, name in NAMES.items() for word in (option, f"{out}/{name}")]
    return ["cluster", str(source), "--seed", "7", "--decisions", "decisions.jsonl", *outputs]


def contents(folder: Path) -> Mapping[str, bytes]:
    return {name: (folder / name).read_bytes() for name in NAMES.values()}


@pytest.fixture
def expected(
    nkwire: Callable[..., Any], corpus: Path, an_empty_folder: Path
) -> Mapping[str, bytes]:
    """The files that one process writes."""
    out = an_empty_folder / "expected"
    out.mkdir()
    said = nkwire(*command(corpus, out))
    assert said.code == 3
    assert "223 articles, 66 stories, 8 of two or more" in said.err
    found = contents(out)
    assert min(map(len, found.values())) > 100
    return found


@pytest.mark.slow  # about 30 s
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("spark")
def test_spark_reads_a_bucket_and_writes_the_same_files(
    started: Started,
    program: list[str],
    corpus: Path,
    bucket: Bucket,
    expected: Mapping[str, bytes],
) -> None:
    for path in filter(Path.is_file, corpus.rglob("*")):
        bucket.write(f"docs/{path.relative_to(corpus)}", path.read_bytes())
    source, out = f"{bucket.address}/docs/", f"{bucket.address}/found"
    process = started(*program, *command(source, out), "--engine", "spark")
    shown, notes = process.communicate(timeout=560)
    assert (process.returncode, shown) == (3, ""), notes
    assert {name: bucket.read(f"found/{name}") for name in NAMES.values()} == expected
    lines = notes.splitlines()
    assert lines[-2] == "223 articles, 66 stories, 8 of two or more"
    assert lines[-1].count("1 rejected: ") == 4
    assert len(lines) == 6
    assert f"{source}part-1.jsonl: the id 'text-000' was given before" in notes


@pytest.mark.slow  # about 60 s
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("spark")
def test_a_killed_executor_changes_nothing(
    started: Started,
    program: list[str],
    corpus: Path,
    an_empty_folder: Path,
    expected: Mapping[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_master(monkeypatch, "local-cluster[2,1,1024]")
    out = an_empty_folder / "found"
    out.mkdir()
    process = started(*program, *command(corpus, out), "--engine", "spark")
    executor = wait_for_a_working_executor(process)
    os.kill(executor, signal.SIGKILL)
    _, notes = process.communicate(timeout=500)
    assert process.returncode == 3, notes
    assert contents(out) == expected
    assert not descendants(process.pid)


def wait_for_a_working_executor(process: subprocess.Popen[str]) -> int:
    """The pid of an executor whose Python has begun to work, so it has a task to lose."""
    until = time.monotonic() + 240
    while process.poll() is None and time.monotonic() < until:
        for pid, words in descendants(process.pid).items():
            if "CoarseGrainedExecutorBackend" in words and len(descendants(pid)) > 1:
                return pid
        time.sleep(0.2)
    raise AssertionError(f"no executor worked: {process.poll()}")


def descendants(pid: int) -> dict[int, str]:
    """The command lines of the processes below a process, by pid."""
    found: dict[int, str] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            words = (status.parent / "cmdline").read_text()
        except OSError:
            continue
        if parent == pid:
            child = int(status.parent.name)
            found |= {child: words, **descendants(child)}
    return found


@pytest.mark.usefixtures("spark")
def test_without_java_one_line_says_so(
    started: Started, program: list[str], corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    process = started(*program, "cluster", str(corpus), "--engine", "spark")
    shown, notes = process.communicate(timeout=120)
    assert (process.returncode, shown) == (2, "")
    [line] = notes.splitlines()
    assert "needs Java 17" in line


@pytest.mark.parametrize("library", ["pyspark", "pyarrow", "pandas"])
def test_without_its_extra_one_line_says_so(
    library: str, nkwire: Callable[..., Any], corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    said = nkwire("cluster", corpus, "--engine", "spark")
    assert (said.code, said.out) == (2, "")
    assert said.err == "nkwire: --engine spark needs pip install 'nkwire[spark]'\n"
