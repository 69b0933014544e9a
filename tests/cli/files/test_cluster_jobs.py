"""`nkwire cluster --jobs`: the same bytes for any number of processes, and none is left behind."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
LOAD = ROOT / "../shared/load/articles.jsonl.gz"
OUTPUTS = ("groups", "relations", "reports")
WORDS = [
    "amber",
    "anchor",
    "basket",
    "beacon",
    "bishop",
    "cavern",
    "cedar",
    "clover",
    "copper",
    "dragon",
    "falcon",
    "glacier",
]


def write_text(seed: int, words: int = 120) -> str:
    chosen = random.Random(seed)
    drawn = [f"{chosen.choice(WORDS)}{chosen.randrange(90)}" for _ in range(words)]
    return ". ".join(" ".join(drawn[at : at + 12]).capitalize() for at in range(0, words, 12))


def iter_rows(count: int) -> Iterator[dict[str, Any]]:
    """Prints of one text, cut and edited copies, and strangers, of thirty outlets in a fortnight."""
    chosen = random.Random(7)
    for number in range(count):
        text = write_text(number % 40 if number % 3 else 1000 + number)
        if number % 3 == 1:
            text = text[: 500 + chosen.randrange(300)]
        if number % 6 == 2:
            text += f" {write_text(5000 + number, 24)}"
        if number % 5 == 0:
            text = f"State media KCNA reported on Monday that {text}"
        yield {
            "id": f"n{number}",
            "url": f"https://paper{number % 30}.example/{number}",
            "title": f"KCNA: {text[:40]}",
            "text": text if number % 11 else write_text(3),
            "published_at": f"2026-03-{1 + number % 14:02}T{number % 24:02}:00:00Z",
        }


def cluster_with(
    jobs: int, file: Path, nkwire: Callable[..., Any], *options: object
) -> tuple[int, str, list[bytes]]:
    outputs = [file.with_name(f"{name}.{jobs}") for name in OUTPUTS]
    wanted = [each for pair in zip(OUTPUTS, outputs, strict=True) for each in pair]
    arguments = [f"--{each}" if each in OUTPUTS else each for each in wanted]
    said = nkwire("cluster", file, *arguments, "--seed", 7, "--jobs", jobs, *options)
    return said.code, said.err, [each.read_bytes() for each in outputs]


def test_any_number_of_jobs_writes_the_same_bytes(
    nkwire: Callable[..., Any], write: Callable[..., Path]
) -> None:
    rows = list(iter_rows(360))
    # What is left out is told once, and in the order of the lines.
    bad = [b"{", rows[4], {"id": "x", "url": "disk:1", "text": "Far off."}, b'["a list"]']
    file = write("corpus.jsonl", *rows[:200], *bad, *rows[200:], rows[200])
    code, told, alone = cluster_with(1, file, nkwire)
    assert code == 3
    groups, relations, reports = alone
    assert any(len(group) > 12 for group in json.loads(groups))
    assert len(relations.splitlines()) > 100
    assert any(len(report) > 2 for report in json.loads(reports))
    for jobs in (2, 4):
        assert cluster_with(jobs, file, nkwire) == (code, told, alone)


@pytest.mark.slow
@pytest.mark.shared
def test_thousands_of_real_texts_give_the_same_bytes(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    if not LOAD.exists():
        pytest.skip("the real texts are not beside this checkout")
    with gzip.open(LOAD) as load:
        lines = [line for line, _ in zip(load, range(4_000), strict=False)]
    file = an_empty_folder / "corpus.jsonl"
    file.write_bytes(b"".join(lines))
    alone = cluster_with(1, file, nkwire)
    assert json.loads(alone[2][0])
    assert cluster_with(2, file, nkwire) == alone


@pytest.mark.parametrize("jobs", ["-1", "257", "many"])
def test_numbers_of_jobs_that_make_no_sense_are_refused(
    jobs: str, nkwire: Callable[..., Any], write: Callable[..., Path]
) -> None:
    said = nkwire("cluster", write("corpus.jsonl"), f"--jobs={jobs}")
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "--jobs" in said.err


def list_workers(parent: int) -> list[int]:
    """Returns the processes of the pool that this process has started."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if status[:2] != ["Z", str(parent)] and status[1] == str(parent):
            found += [int(folder.name)] if b"spawn_main" in command else []
    return found


@pytest.mark.parametrize("fate", ["a worker is killed", "SIGTERM", "Ctrl-C"])
def test_a_pool_that_is_stopped_writes_nothing_and_leaves_nothing(
    fate: str,
    started: Callable[..., "subprocess.Popen[str]"],
    program: list[str],
    an_empty_folder: Path,
) -> None:
    pipe, temporary = an_empty_folder / "pipe", an_empty_folder / "temporary"
    os.mkfifo(pipe)
    temporary.mkdir()
    process = started(
        *program,
        *("cluster", str(pipe), "--groups", "groups.json", "--jobs", "2"),
        env=os.environ | {"TMPDIR": str(temporary)},
        start_new_session=True,
    )
    lines = [json.dumps(row).encode() + b"\n" for row in iter_rows(300)]
    with suppress(BrokenPipeError), pipe.open("wb") as corpus:
        corpus.writelines(lines)
        corpus.flush()
        deadline = time.monotonic() + 60
        while len(workers := list_workers(process.pid)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        if fate == "SIGTERM":
            process.terminate()
        elif fate == "Ctrl-C":
            os.killpg(process.pid, signal.SIGINT)
        else:
            os.kill(workers[0], signal.SIGKILL)
            corpus.writelines(lines)
    out, err = process.communicate(timeout=60)
    killed = "a worker process was killed by SIGKILL, so nothing was stored"
    code, line = (1, killed) if fate == "a worker is killed" else (130, "interrupted")
    assert (process.returncode, out) == (code, "")
    assert err.startswith(f"nkwire: {line}")
    assert err.count("\n") == 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert not list(temporary.iterdir())
    assert not (an_empty_folder / "groups.json").exists()


def test_only_the_first_process_reads_a_pipe() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"".join(json.dumps(row).encode() + b"\n" for row in iter_rows(30)))
    os.close(theirs)
    command = [sys.executable, str(ROOT / "nkwire.py"), "cluster", f"/dev/fd/{ours}", "--jobs", "2"]
    done = subprocess.run(command, pass_fds=[ours], capture_output=True, text=True, check=False)
    os.close(ours)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert json.loads(done.stdout)
