"""Compares the CPU time a page of outlet rules and generic extraction, trafilatura and news-please.

Run from the checkout: `python -m benchmarks.extraction PAGES [--news-please PYTHON]`. PAGES is a
folder with `index.jsonl` (`file`, `url`, `kind`) and the saved pages. nkwire does not depend on
trafilatura: `pip install trafilatura lxml-html-clean` first. news-please pins libraries of which
nkwire needs newer versions. So it runs in its own interpreter, on the same pages in the same
run. `--before CHECKOUT` measures another checkout of nkwire beside this one, turn by turn.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from time import process_time

import selectolax.lexbor
import trafilatura

from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.registry import make_generic_outlet, outlet_for, outlets

RESULT = Path(__file__).parent / "results/extraction.md"
Saved = tuple[bytes, str]

# Runs in the other interpreter. Prints the CPU seconds of each page, the best of some rounds.
NEWS_PLEASE = """
import json, sys, time, logging
from importlib.metadata import version
from newsplease import NewsPlease
logging.disable(logging.CRITICAL)
pages, rounds = json.load(sys.stdin)
best = [float("inf")] * len(pages)
failed = 0
for turn in range(rounds + 1):
    for number, (path, url) in enumerate(pages):
        body = open(path, "rb").read().decode("utf-8", "replace")
        start = time.process_time()
        try:
            NewsPlease.from_html(body, url=url, fetch_images=False)
        except Exception:
            failed += turn == 0
        if turn:
            best[number] = min(best[number], time.process_time() - start)
print(json.dumps([version("news-please"), best, failed]))
"""

# Runs in a checkout. Prints for each reading the CPU seconds of each page, the best of some rounds.
CHECKOUT = """
import json, os, sys
from pathlib import Path
from time import process_time
sys.path.insert(0, os.getcwd())
from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.registry import make_generic_outlet, outlet_for
files, rounds = json.load(sys.stdin)
pages = [(Path(path).read_bytes(), url) for path, url in files]
best = {"outlet rules": [9e9] * len(pages), "generic reading": [9e9] * len(pages)}
for turn in range(rounds + 1):
    for number, (body, url) in enumerate(pages):
        for name, seconds in best.items():
            start = process_time()
            outlet = outlet_for(url) if name == "outlet rules" else make_generic_outlet("example.com")
            extract_page(Page(body, url), outlet)
            spent = process_time() - start
            if turn:
                seconds[number] = min(seconds[number], spent)
print(json.dumps(best))
"""
MAX_TURNS = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path, help="folder with index.jsonl and saved pages")
    parser.add_argument("--news-please", metavar="PYTHON", help="an interpreter that has it")
    parser.add_argument(
        "--before", metavar="CHECKOUT", type=Path, help="another checkout, measured too"
    )
    parser.add_argument("--rounds", type=int, default=3, help="each page's best of so many")
    options = parser.parse_args(arguments)
    files = _files(options.pages)
    pages = [(file.read_bytes(), url) for file, url in files]
    rows = _measure(pages, options.rounds)
    if options.news_please:
        rows.append(_news_please(options.news_please, files, options.rounds))
    report = _report(rows, pages, options.rounds)
    if options.before:
        report += _compare(options.before, files, options.rounds)
    print(report)
    RESULT.write_text(report, "utf-8")


def _files(folder: Path) -> list[tuple[Path, str]]:
    lines = (folder / "index.jsonl").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return [(folder / each["file"], each["url"]) for each in entries if each["kind"] == "article"]


def _tools() -> dict[str, Callable[[bytes, str], object]]:
    outlets()
    return {
        "lexbor, the parser alone": lambda body, _: selectolax.lexbor.LexborHTMLParser(body),
        "nkwire, outlet rules": lambda body, url: extract_page(Page(body, url), outlet_for(url)),
        "nkwire, generic reading": lambda body, url: extract_page(
            Page(body, url), make_generic_outlet("example.com")
        ),
        f"trafilatura {version('trafilatura')}": lambda body, url: trafilatura.bare_extraction(
            body, url=url, with_metadata=True
        ),
        f"trafilatura {version('trafilatura')}, fast": lambda body, url: (
            trafilatura.bare_extraction(body, url=url, with_metadata=True, fast=True)
        ),
    }


def _measure(pages: Sequence[Saved], rounds: int) -> list[tuple[str, list[float]]]:
    """Returns each tool's best CPU seconds for each page. The tools take turns on every page."""
    tools = _tools()
    best = {name: [float("inf")] * len(pages) for name in tools}
    for round_number in range(rounds + 1):
        for number, (body, url) in enumerate(pages):
            for name, tool in tools.items():
                start = process_time()
                tool(body, url)
                seconds = process_time() - start
                if round_number:  # the first round only warms up
                    best[name][number] = min(best[name][number], seconds)
    return list(best.items())


def _news_please(
    python: str, files: Sequence[tuple[Path, str]], rounds: int
) -> tuple[str, list[float]]:
    payload = json.dumps([[[str(file), url] for file, url in files], rounds])
    process = subprocess.run(
        [python, "-c", NEWS_PLEASE], input=payload, capture_output=True, text=True, check=False
    )
    if process.returncode:
        sys.exit(f"news-please failed: {process.stderr.strip().splitlines()[-1:]}")
    name, seconds, failed = json.loads(process.stdout.splitlines()[-1])
    return f"news-please {name}" + (f" ({failed} pages failed)" if failed else ""), seconds


def _compare(before: Path, files: Sequence[tuple[Path, str]], rounds: int) -> str:
    """Measures both checkouts in turns, and returns a table of the best turns and their ratio."""
    here = Path(__file__).parents[1]
    turns = [
        (_checkout(before, files, rounds), _checkout(here, files, rounds)) for _ in range(MAX_TURNS)
    ]
    lines = [
        "",
        f"Before and now, the best of {MAX_TURNS} turns of {rounds} rounds:",
        "",
        "| reading | before, ms | now, ms | ratio |",
        "|---|---|---|---|",
    ]
    for name in turns[0][0]:
        old, new = (min(1000 * mean(each[side][name]) for each in turns) for side in (0, 1))
        lines.append(f"| {name} | {old:.2f} | {new:.2f} | {new / old:.2f} |")
    return "\n".join([*lines, ""])


def _checkout(
    folder: Path, files: Sequence[tuple[Path, str]], rounds: int
) -> dict[str, list[float]]:
    payload = json.dumps([[[str(file.resolve()), url] for file, url in files], rounds])
    process = subprocess.run(
        [sys.executable, "-c", CHECKOUT], input=payload, capture_output=True, text=True,
        check=True, cwd=folder,
    )  # fmt: skip
    seconds: dict[str, list[float]] = json.loads(process.stdout)
    return seconds


def _report(rows: Sequence[tuple[str, list[float]]], pages: Sequence[Saved], rounds: int) -> str:
    size = mean(len(body) for body, _ in pages) / 1000
    baseline_name = f"trafilatura {version('trafilatura')}"
    baseline = mean(dict(rows)[baseline_name])
    lines = [
        "# CPU time a page",
        "",
        f"{len(pages)} saved article pages of {size:.0f} KB on average, every tool in one run, the",
        f"best of {rounds} rounds for each page, after one to warm up; milliseconds of CPU.",
        f"Python {platform.python_version()}, {platform.machine()}. `python -m benchmarks.extraction`",
        "",
        "| tool | mean | median | slowest | of trafilatura |",
        "|---|---|---|---|---|",
    ]
    for name, seconds in rows:
        milliseconds = [1000 * each for each in seconds]
        share = mean(seconds) / baseline
        lines.append(
            f"| {name} | {mean(milliseconds):.1f} | {median(milliseconds):.1f} | {max(milliseconds):.0f} | {share:.2f} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
