"""The storm of benchmarks/storm, of a few kills, and whether it sees what it looks for."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import benchmarks.storm.preloaded  # noqa: F401  a fork has it at once
from benchmarks.storm import corpus
from benchmarks.storm.__main__ import make_units
from benchmarks.storm.backends import NAME as SESSIONS_CUT
from benchmarks.storm.backends import shoot
from benchmarks.storm.killing import UNDISTURBED, Strike, run_child
from benchmarks.storm.place import Place, Places
from benchmarks.storm.report import format_report
from benchmarks.storm.server import Server, serving_crashable
from benchmarks.storm.service import NAME as SERVICE
from benchmarks.storm.storm import Storm, TaskResult
from benchmarks.storm.tasks import TASKS, Task
from benchmarks.web.postgres import find_programs
from storage.tables.articles import article, capture

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    pytest.mark.threats("R10"),
]
QUICK = (
    "ingest",
    "import",
    "recluster",
    "export csv",
    "snapshot",
    "backup",
    "decisions",
    "reextract",
)


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with corpus.pressing(tmp_path_factory.mktemp("press") / "press") as port:
        yield port


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        find_programs()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with serving_crashable() as made:
        yield made


@pytest.fixture
def storm(tmp_path: Path, press: int) -> Storm:
    """A storm on SQLite."""
    return Storm("sqlite", Places(tmp_path, None, press), seed=2)


def task_of(name: str) -> Task:
    return next(each for each in TASKS if each.name == name)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kills"), [("crawl", 8), *((each, 2) for each in QUICK)])
def test_what_is_killed_and_started_again_leaves_what_an_undisturbed_run_leaves(
    name: str, kills: int, storm: Storm
) -> None:
    """The whole storm, of a thousand kills, is `python -m benchmarks.storm`."""
    result = storm.kill(task_of(name), range(kills))
    assert (result.kills, result.problems) == (kills, [])


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.threats("R11")
def test_cut_sessions_and_a_stop_of_the_server_lose_and_double_nothing(
    tmp_path: Path, server: Server, press: int
) -> None:
    storm = Storm("postgresql", Places(tmp_path, server, press), seed=3)
    result = shoot(storm, kills=36, stops=1)
    assert result.problems == []
    assert result.kills >= 36


@pytest.mark.slow
def test_a_planted_loss_a_double_a_draft_and_a_half_file_are_all_seen(storm: Storm) -> None:
    def lose(place: Place) -> None:
        corpus.run_command(place, "import", str(place.folder / "articles.jsonl"))
        (place.out / "half").write_text(str(len(list(place.folder.iterdir()))))
        (place.out / "copy.part").touch()
        with corpus.open_place(place) as database:
            if (place.folder / "second").exists():
                database.write(lambda connection: connection.execute(capture.delete()))
                change = article.update().where(article.c.id == 3).values(title_of(2))
                database.write(lambda connection: connection.execute(change))
        (place.folder / "second").touch()

    def title_of(number: int) -> dict[str, str]:
        return {"url": f"https://moved.test/{number}"}

    task = replace(task_of("import"), work=lose)
    start = storm.start_of(task)
    result = TaskResult(task.name, storm.kind)
    with storm.places.borrowed(start.template) as place:
        assert run_child(task.work, place).code == 0
        storm.check(task, start, place, "planted", result)
    assert result.lost >= 1
    assert result.double >= 1
    assert result.leftovers == 1
    assert result.broken >= 1  # the half file


def test_a_task_that_fails_undisturbed_is_no_result(storm: Storm) -> None:
    def fail(place: Place) -> None:
        raise ValueError(f"planned in {place.folder.name}")

    with pytest.raises(RuntimeError, match="ValueError: planned"):
        storm.kill(replace(task_of("import"), work=fail), range(1))


def test_a_child_is_killed_at_the_edge_asked_for(storm: Storm) -> None:
    def write_two(place: Place) -> None:
        (place.out / "one").write_text("1")
        (place.out / "one").rename(place.out / "two")

    place = storm.places.make()
    usual = run_child(write_two, place, UNDISTURBED)
    assert (usual.code, usual.edges) == (0, 2)
    (place.out / "two").unlink()
    assert run_child(write_two, place, Strike(at_edge=2)).is_killed
    assert [path.name for path in place.out.iterdir()] == ["one"]


def test_a_thousand_kills_are_shared_among_all_tasks_on_both_databases() -> None:
    units = make_units(1000, ("sqlite", "postgresql"), ())
    assert abs(sum(len(unit.numbers) for unit in units) - 1000) < 30
    tasks = {(unit.task, unit.kind) for unit in units}
    names = {task.name for task in TASKS} | {SERVICE}
    both = {(name, kind) for name in names for kind in ("sqlite", "postgresql")}
    assert tasks == both | {(SESSIONS_CUT, "postgresql")}


def test_the_report_tells_each_task_and_each_problem() -> None:
    result = TaskResult("crawl", "sqlite", kills=7)
    result.note("leftovers", "edge 3: left behind: out/.x.part")
    text = format_report([result], "--kills 7", 12.0)
    assert "| crawl | sqlite | 7 | 0 | 0 | 0 | 0 | 0 | 1 | 0 | 0 |" in text
    assert "- crawl, sqlite: edge 3: left behind: out/.x.part" in text
