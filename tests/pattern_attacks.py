"""Collects each regular expression of the package and attacks it; run as a program in a child."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("dedup", "storage", "crawler", "spiders", "web", "cli")
FUNCTIONS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split")
MAX_ADDRESS_CHARS = 4096
# Patterns that outlets declare see addresses only.
ADDRESS_PATTERNS = ("crawler/outlet.py", "spiders/")
ENDINGS = ("\x00", "")
MAX_MATCHES = 50_000
PROBE_CHARS = 8_000
# Patterns that are matched at one place only, or in what another pattern let through.
ELSEWHERE_BOUNDED = {
    ("dedup/attribution/source_phrases.py", "KOREAN_VERB_AFTER"),
    ("crawler/extract/page/guard.py", "_ONE_ATTRIBUTE"),
    ("dedup/attribution/state_speech.py", "says"),
    ("crawler/extract/fields/names.py", "_SUFFIX"),  # a byline is cut to 600 characters
}
MAX_CPU_SECONDS = 1200

Pattern = tuple[str | bytes, int]
Site = tuple[str, int]


class SlowError(Exception):
    """Raised by the timer in the middle of a match."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def compiled_at_import() -> dict[Pattern, set[Site]]:
    """Imports all modules; returns what they compile, and where."""
    found: defaultdict[Pattern, set[Site]] = defaultdict(set)
    original = re.compile

    def compile_and_note(pattern: Any, flags: int = 0) -> Any:
        frame = inspect.currentframe()
        frame = frame.f_back if frame else None
        if frame is None:
            return original(pattern, flags)
        path = Path(frame.f_code.co_filename)
        if isinstance(pattern, str | bytes) and path.is_relative_to(ROOT):
            found[pattern, int(flags)].add((str(path.relative_to(ROOT)), frame.f_lineno))
        return original(pattern, flags)

    re.compile = compile_and_note
    try:
        for package in PACKAGES:
            importlib.import_module(package)
            for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
                if ".migrations." not in module.name:  # they run inside Alembic only
                    importlib.import_module(module.name)
        make_late_patterns()
    finally:
        re.compile = original
    return found


def make_late_patterns() -> None:
    """Calls what makes patterns at its first use, and what checks those that outlets declare."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES:
            for made in vars(module).values():
                is_cached = hasattr(made, "cache_clear") and made.__module__ == name
                if is_cached and not inspect.signature(made).parameters:
                    made.cache_clear()
                    made()
    # Imported here, as a pattern of a module that is imported earlier would be missed.
    statement_words = importlib.import_module("dedup.statements.statement_words").statement_words
    faults = importlib.import_module("crawler.faults").faults
    outlets = importlib.import_module("crawler.registry").outlets
    for language in ("ko", "en", "zh", "ja", "ru", "es", "fr"):
        statement_words.cache_clear()
        statement_words(language)
    for outlet in outlets().values():
        faults(outlet)


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yields each call of a function of `re` that takes a pattern: file, call, function."""
    for path, tree in modules():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in ("compile", *FUNCTIONS)
            ):
                yield path, node, node.func.attr


def literal(node: ast.expr) -> str | bytes | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, str | bytes) else None


@cache
def methods_by_name() -> tuple[dict[tuple[str, str], set[str]], dict[Site, str]]:
    """Returns how each constant is used, and the constants that are assigned in each line."""
    uses: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    names: dict[Site, str] = {}
    for path, tree in modules():
        bases = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in (*FUNCTIONS, "pattern"):
                base = node.value
                name = getattr(base, "id", getattr(base, "attr", ""))
                bases.add(id(base))
                uses[path, name].add(node.attr)
        for node in ast.walk(tree):
            is_read = isinstance(getattr(node, "ctx", None), ast.Load) and id(node) not in bases
            if is_read and isinstance(node, ast.Name):
                uses[path, node.id].add("search")
        for statement in tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                names[path, statement.value.lineno] = statement.targets[0].id
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                names[path, node.value.lineno] = node.targets[0].attr
    return uses, names


def ways(sites: set[Site]) -> set[str]:
    """Returns how a pattern is applied; "search" where that is not certain."""
    uses, names = methods_by_name()
    found = set()
    for path, line in sites:
        name = names.get((path, line), "")
        used = uses.get((path, name), set()) if name.startswith("_") else set()
        found |= {each if each in ("match", "fullmatch") else "search" for each in used} or {
            "search"
        }
    return found


def sample(tree: Any, fragments: set[tuple[str, str]], turn: int) -> str:
    """Returns a text that nearly matches; adds what can be repeated, and what stands before it."""
    text = ""
    for code, value in tree:
        if code is op.LITERAL:
            text += chr(value)
        elif code is op.IN:
            text += sample_class(value, turn)
        elif code in (op.ANY, op.NOT_LITERAL):
            text += "b" if value == ord("a") else "a"
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            least, most, part = value
            unit = sample(part, fragments, turn)
            if most > 5:
                fragments.add((text, unit))
            text += unit * max(least, 1)
        elif code is op.SUBPATTERN:
            text += sample(value[3], fragments, turn)
        elif code is op.ATOMIC_GROUP:
            text += sample(value, fragments, turn)
        elif code is op.BRANCH:
            branches = [sample(each, fragments, turn) for each in value[1]]
            fragments.update((text, each) for each in branches[:12])
            text += branches[turn % len(branches)]
        elif code in (op.ASSERT, op.ASSERT_NOT):
            fragments.add((text, sample(value[1], fragments, turn)))
    return text


def sample_class(members: Any, turn: int) -> str:
    shown = {op.CATEGORY_DIGIT: "1", op.CATEGORY_SPACE: " ", op.CATEGORY_NOT_WORD: "-"}
    chars = [
        chr(value)
        if code is op.LITERAL
        else chr(value[0])
        if code is op.RANGE
        else shown.get(value, "a")
        for code, value in members
        if code is not op.NEGATE
    ]
    if members[0][0] is op.NEGATE:
        return next(each for each in 'a 1-<"\n/.가\x01' if each not in chars)
    return chars[turn % len(chars)]


def attacks(pattern: Pattern, size: int) -> Iterator[str]:
    text, flags = pattern
    fragments: set[tuple[str, str]] = set()
    tree = parser.parse(text.decode("latin-1") if isinstance(text, bytes) else text, flags)
    wholes = {sample(tree, fragments, turn) for turn in range(3)}
    units = {("", char) for char in ' a1<&"\n가-'}
    units |= {("", each) for whole in wholes for each in (whole, whole[:-1])}
    units |= fragments | {("", unit) for _, unit in fragments}
    units |= {("", before + unit) for before, unit in fragments}
    for before, unit in sorted(units):
        for ending in ENDINGS if unit else ():
            yield before + unit * (size // len(unit)) + ending


def seconds(pattern: Pattern, text: str, way: str, limit: float) -> float:
    """Returns the CPU that a pattern takes for a text; more than `limit` if it was stopped."""
    compiled: re.Pattern[Any] = re.compile(*pattern)
    given: Any = text.encode("utf-8", "replace") if isinstance(pattern[0], bytes) else text
    started = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        if way == "search":
            for number, _ in enumerate(compiled.finditer(given)):
                if number > MAX_MATCHES:
                    break
        else:
            getattr(compiled, way)(given)
        taken = time.process_time() - started
    except SlowError:
        taken = limit * 2
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return taken


def missed_calls(compiled: dict[Pattern, set[Site]]) -> list[Site]:
    """Returns the calls whose pattern is neither written in them nor made at import."""
    seen = {site for sites in compiled.values() for site in sites}
    return [
        (path, call.lineno)
        for path, call, function in calls()
        if literal(call.args[0]) is None
        and not (
            function == "compile"
            and any((path, line) in seen for line in range(call.lineno, (call.end_lineno or 0) + 1))
        )
    ]


def all_patterns(compiled: dict[Pattern, set[Site]]) -> dict[Pattern, set[Site]]:
    found = defaultdict(set, compiled)
    for path, call, function in calls():
        if function != "compile" and (text := literal(call.args[0])) is not None:
            found[text, 0].add((path, call.lineno))
    return dict(found)


def trials(pattern: Pattern, size: int) -> Iterator[tuple[str, str, float]]:
    """Yields a short text, the long one that is like it, and how long the short one may take.

    The last as a share of what the long one may take, for a time that grows with the square of the
    length. So most patterns never see the long one.
    """
    for short, long in zip(attacks(pattern, PROBE_CHARS), attacks(pattern, size), strict=True):
        yield short, long, (PROBE_CHARS / max(size, PROBE_CHARS)) ** 2


def slow_patterns(patterns: dict[Pattern, set[Site]], size: int, limit: float) -> Iterator[str]:
    _, names = methods_by_name()
    for pattern, sites in patterns.items():
        if {(path, names.get((path, line), "")) for path, line in sites} <= ELSEWHERE_BOUNDED:
            continue
        is_of_addresses = all(path.startswith(ADDRESS_PATTERNS) for path, _ in sites)
        if slow := slow_text(
            pattern, ways(sites), MAX_ADDRESS_CHARS if is_of_addresses else size, limit
        ):
            yield f"{sorted(sites)}: {pattern[0]!r:.200} takes too long for {slow}"


def slow_text(pattern: Pattern, ways: set[str], size: int, limit: float) -> str:
    """Returns the start and the length of a text for which a pattern takes too long; "" if none."""
    for short, long, share in trials(pattern, size):
        for way in ways:
            quick = limit * share
            if seconds(pattern, short, way, quick) > quick and (
                seconds(pattern, long, way, limit) > limit
            ):
                return f"{long[:40]!r}... ({len(long)})"
    return ""


def stop(*_: object) -> None:
    raise SlowError


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    signal.signal(signal.SIGVTALRM, stop)
    size, limit = int(sys.argv[1]), float(sys.argv[2])
    compiled = compiled_at_import()
    patterns = all_patterns(compiled)
    result = {
        "patterns": len(patterns),
        "missed": missed_calls(compiled),
        "slow": list(slow_patterns(patterns, size, limit)) if size else [],
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
