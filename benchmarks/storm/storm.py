"""Kills tasks on one kind of database, and checks what is left."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.storm import corpus
from benchmarks.storm.contents import DRAFT, Contents, compare
from benchmarks.storm.killing import Ended, Strike, choose_strike, run_child
from benchmarks.storm.place import Place, Places
from benchmarks.storm.tasks import Task, read_output
from storage.invariants import check_invariants

MAX_TRIES = 20
"""Times that a kill may come too late before the storm gives the task up."""
PAGES_CHECKED_SHARE = 0.25
"""Of the kills after which PostgreSQL's tables and indexes are read page by page."""
_LEFTOVERS = (f"*{DRAFT}*", "*.draft", "*.tmp")


@dataclass(slots=True)
class TaskResult:
    """What the storm found out about a task on one kind of database. `seconds`: all its time."""

    task: str
    database: str
    kills: int = 0
    aimed: int = 0
    lost: int = 0
    double: int = 0
    differing: int = 0
    broken: int = 0
    leftovers: int = 0
    failed_reruns: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def note(self, kind: str, problem: str) -> None:
        """Counts a problem. `kind`: one of the counts of this class."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.problems.append(problem)

    def compare(self, moment: str, expected: Contents, found: Contents) -> None:
        """Notes the rows and files that are lost or too many."""
        lost, double, lines = compare(expected, found)
        self.lost, self.double = self.lost + lost, self.double + double
        self.differing += bool(lines)
        self.problems += [f"{moment}: {line}" for line in lines]

    def add(self, other: "TaskResult") -> None:
        """Adds what another part of the storm found out about the same task."""
        for name in ("kills", "aimed", "lost", "double", "differing", "broken", "leftovers"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failed_reruns += other.failed_reruns
        self.seconds += other.seconds
        self.problems += other.problems


@dataclass(frozen=True, slots=True)
class Start:
    """A template, what an undisturbed run makes of it, and how long that takes."""

    template: Place
    old_output: Contents
    expected: Contents
    usual: Ended


class Storm:
    """Kills tasks in places of one kind of database."""

    def __init__(self, kind: str, places: Places, seed: int) -> None:
        self.kind = kind
        self.places = places
        self.chance = random.Random(seed)
        self._starts: dict[tuple[str, str], Start] = {}

    def kill(self, task: Task, numbers: Sequence[int]) -> TaskResult:
        """Kills a task once for each number, which chooses the parameter of the task."""
        result, began = TaskResult(task.name, self.kind), time.monotonic()
        for number in numbers:
            self._kill_once(task, self.start_of(task, number), result)
        if len(task.parameters) > 1:  # no other unit has the same ones
            for parameter in task.parameters:
                if start := self._starts.pop((task.name, parameter), None):
                    self.places.remove(start.template)
        result.seconds = time.monotonic() - began
        return result

    def start_of(self, task: Task, number: int = 0) -> Start:
        """Returns the template of a task, and what an undisturbed run makes of it.

        Raises RuntimeError if the undisturbed run fails or breaks a rule.
        """
        parameter = task.parameters[number % len(task.parameters)]
        key = (task.name, parameter)
        if key not in self._starts:
            self._starts[key] = self._make_start(task, parameter)
        return self._starts[key]

    def _make_start(self, task: Task, parameter: str) -> Start:
        template = self.places.make(parameter=parameter)
        task.prepare(template)
        with self.places.borrowed(template) as place:
            old_output = read_output(place, task.digest)
            usual = run_child(task.work, place)
            if usual.code:
                raise RuntimeError(f"{task.name} fails undisturbed: {last_words(place)}")
            expected = task.read(place)
            if problems := self.broken_rules(place):
                raise RuntimeError(f"{task.name} breaks rules undisturbed: {problems}")
        return Start(template, old_output, expected, usual)

    def _kill_once(self, task: Task, start: Start, result: TaskResult) -> None:
        for _ in range(MAX_TRIES):
            strike = choose_strike(self.chance, start.usual)
            with self.places.borrowed(start.template, shares=task.only_reads) as place:
                if run_child(task.work, place, strike).is_killed:
                    result.kills += 1
                    result.aimed += strike.at_edge is not None
                    try:
                        self.check(task, start, place, _describe(strike), result)
                    except Exception as error:  # noqa: BLE001 - what cannot be read is a finding
                        line = f"{type(error).__name__}: {str(error)[:400]}"
                        result.note("broken", f"{_describe(strike)}: {line}")
                    return
        raise RuntimeError(f"{task.name}: {MAX_TRIES} kills in a row came too late")

    def check(
        self, task: Task, start: Start, place: Place, moment: str, result: TaskResult
    ) -> None:
        """Runs a killed task again, and notes all that an undisturbed run would not have left."""
        check_output(task, start, place, moment, result)
        again = run_child(task.work, place)
        if again.code:
            words = last_words(place)
            result.note("failed_reruns", f"{moment}: the rerun ended with {again.code}: {words}")
        result.compare(moment, start.expected, task.read(place))
        if not task.only_reads:
            for each in self.broken_rules(place, self.chance.random() < PAGES_CHECKED_SHARE):
                result.note("broken", f"{moment}: {each}")
        for each in find_leftovers(place):
            result.note("leftovers", f"{moment}: left behind: {each}")

    def broken_rules(self, place: Place, reads_pages: bool = True) -> list[str]:
        """Returns a line for each broken rule of the database, and for damage of its pages."""
        with corpus.open_place(place) as database:
            problems = check_invariants(database)
        if self.places.server and reads_pages:
            problems += filter(None, [self.places.server.check_damage(place.database_name)])
        return problems


def check_output(task: Task, start: Start, place: Place, moment: str, result: TaskResult) -> None:
    """Notes each finished file that is neither the old one nor the new one."""
    whole = start.old_output["output"] | start.expected.get("output", Counter())
    for path in place.out.rglob("*"):
        name = path.relative_to(place.out).as_posix()
        if not path.is_file() or DRAFT in name:
            continue
        try:
            is_whole = (name, task.digest(path)) in whole
        except Exception:  # noqa: BLE001 - it cannot be read, so it is not whole
            is_whole = False
        if not is_whole:
            result.note("broken", f"{moment}: {name} is neither the old file nor the new one")


def find_leftovers(place: Place) -> list[str]:
    """Returns the drafts and temporary files in a place, relative to it."""
    drafts = {path for pattern in _LEFTOVERS for path in place.folder.rglob(pattern)}
    temporary = (f"tmp/{path.name}" for path in place.temporary.iterdir())
    return sorted({path.relative_to(place.folder).as_posix() for path in drafts} | {*temporary})


def last_words(place: Place) -> str:
    """Returns the last lines that the children in a place wrote."""
    lines = (place.folder / "child.log").read_text(errors="replace").strip().splitlines()
    return " | ".join(lines[-4:])[:600]


def _describe(strike: Strike) -> str:
    return f"edge {strike.at_edge}" if strike.at_edge else f"after {strike.after:.3f} s"
