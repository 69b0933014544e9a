"""Measures the cost of finding which articles carry which report, by the number of such articles.

    python -m benchmarks.reports LABELLED.jsonl [--sizes 2000 10000] [--density 25]

The databases are SQLite and written without deduplication. They hold those articles of the file
(JSON lines with `title`, `text`, `language`) that carry a report, repeated in one order,
`--density` of them a day, each as a story of its own. If one pass over the file takes a week or
more, no report lasts longer than in the file. Each measurement has its own process. CPU and peak
memory are those of the process. The table goes to standard output and to
benchmarks/results/reports.md.
"""

import argparse
import json
import platform
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.memory import peak_memory_mb
from dedup.attribution.attribution import find_attributions
from dedup.records import Document
from dedup.reports.cues import carries_report
from storage import open_database
from storage.reports.carriage import load_carriage
from storage.reports.working_out import rebuild_reports

RESULT = Path(__file__).parent / "results/reports.md"
START = datetime(2015, 1, 1)


def read_report_carriers(path: Path) -> list[Document]:
    """Returns the articles of the file that carry a report."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    documents = [
        Document(number, str(number), row["title"], row["text"], row.get("language", ""))
        for number, row in enumerate(rows)
    ]
    return [each for each in documents if carries_report(each)]


def fill(path: Path, texts: Sequence[Document], count: int, density: float) -> None:
    """Creates a database of `count` articles, `density` of them a day."""
    with open_database(f"sqlite:///{path}", seed=1) as database:
        database.outlets.declare_ranks({"paper": 9})
    order = random.Random(1).sample(texts, len(texts))
    attributions = {each.id: find_attributions(each.title, each.text) for each in texts}
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("BEGIN")
    for number in range(1, count + 1):
        document = order[number % len(order)]
        at = (START + timedelta(days=number / density)).isoformat(" ")
        connection.execute(
            "INSERT INTO story (id, lead_id, created_at) VALUES (?, ?, ?)", (number, number, at)
        )
        connection.execute(
            "INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id,"
            " page_class, language, published_at, first_seen_at, version_id, story_id)"
            " VALUES (?, 'paper', ?, '', ?, '', '', 'article', ?, ?, ?, ?, ?)",
            (
                number,
                f"u:{number}",
                f"https://p.test/{number}",
                document.language,
                at,
                at,
                *[number] * 2,
            ),
        )
        connection.execute(
            "INSERT INTO version (id, article_id, content_sha256, page_class, stored_at,"
            " rules_version, title, text, lead, section, language, published_source, published_raw,"
            " rights) VALUES (?, ?, '', 'article', ?, '', ?, ?, '', '', ?, '', '', '')",
            (number, number, at, document.title, document.text, document.language),
        )
        connection.executemany(
            'INSERT INTO attribution (article_id, agency, kind, field, start, "end", words)'
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(number, *astuple(each)) for each in attributions[document.id]],
        )
    connection.execute("COMMIT")
    connection.close()


def measure(path: str) -> dict[str, float]:
    """Works out all reports of a database from nothing. Returns CPU seconds, peak memory in MB and counts."""
    with open_database(f"sqlite:///{path}") as database:
        start = time.process_time()
        rebuild_reports(database)
        cpu, peak = time.process_time() - start, peak_memory_mb()
        reports = load_carriage(database)
        return {
            "cpu": cpu,
            "peak": peak,
            "articles": sum(len(each.articles) for each in reports),
            "reports": len(reports),
        }


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("labelled", type=Path, nargs="?")
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--density", type=float, default=25)
    parser.add_argument("--measure")
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    rows = ""
    texts = read_report_carriers(arguments.labelled)
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "c.db"
            fill(path, texts, size, arguments.density)
            command = [sys.executable, "-m", "benchmarks.reports", "--measure", str(path)]
            process = subprocess.run(command, check=True, capture_output=True, text=True)
            figures = json.loads(process.stdout)
        rows += (
            f"| {figures['articles']:,} | {figures['reports']:,} | {figures['cpu']:,.1f}"
            f" | {figures['cpu'] / figures['articles'] * 1000:.2f} | {figures['peak']:,.0f} |\n"
        )
        print(rows.splitlines()[-1], flush=True)
    result = f"""# Which articles carry which report

`python -m benchmarks.reports LABELLED.jsonl --sizes {" ".join(map(str, arguments.sizes))} --density {arguments.density:g}`: SQLite
{sqlite3.sqlite_version}, Python {platform.python_version()}; {len(texts)} texts, {arguments.density:g} articles a day that carry a report.

| articles that carry one | reports | CPU seconds | CPU ms an article | peak MB |
|--:|--:|--:|--:|--:|
{rows}"""
    RESULT.write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
