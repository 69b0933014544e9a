"""Measures how the import of edited articles grows: a first import, and the same articles edited.

    python -m benchmarks.reimport [--counts 500,1000,2000,4000] [--url URL]

The articles are invented: 300 words each, forty outlets, all of one day. For the second import three
words of each text are others. `--url` names an empty database; each size takes a new SQLite
database without it, and with it only one size can be measured. The table has CPU milliseconds for
each article, and the ratio of the two imports, which does not depend on the machine. It goes to
standard output and, for SQLite, to benchmarks/results/reimport.md.
"""

import argparse
import platform
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage import open_database
from storage.batches import ROWS_PER_BATCH, batched
from storage.database import Database
from storage.records import Article

RESULT = Path(__file__).parent / "results/reimport.md"
SEED = 20310506
_DAY = datetime(2021, 5, 6, 9, tzinfo=UTC)
_SYLLABLES = ("ta", "ro", "mi", "ken", "so", "lu", "pa", "din", "ve", "sho", "gar", "ne")


def iter_articles(count: int, *, edited: bool) -> Iterator[Article]:
    """Yields the articles; the same ones, `edited` with three other words each."""
    for number in range(count):
        chosen = random.Random(number)
        words = ["".join(chosen.choices(_SYLLABLES, k=3)) for _ in range(300)]
        title = " ".join(words[:6])
        if edited:
            for position in chosen.sample(range(300), 3):
                words[position] = f"edit{position}"
        yield Article(
            outlet=f"outlet{number % 40}",
            url=f"https://outlet{number % 40}.test/{number}",
            title=title,
            text=". ".join(" ".join(words[at : at + 12]) for at in range(0, 300, 12)),
            published_at=_DAY,
        )


def measure(database: Database, count: int, *, edited: bool) -> float:
    """Saves the articles; returns CPU milliseconds for each of them in this process."""
    batches = list(batched(list(iter_articles(count, edited=edited)), ROWS_PER_BATCH))
    start = time.process_time()
    for batch in batches:
        database.save(batch)
    return (time.process_time() - start) / count * 1000


def measure_both(url: str, count: int) -> tuple[float, float]:
    """Returns CPU milliseconds for each article: of the first import and of the edited ones."""
    with open_database(url, create=True, seed=SEED) as database:
        return measure(database, count, edited=False), measure(database, count, edited=True)


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--counts", default="500,1000,2000,4000")
    parser.add_argument("--url", default="")
    arguments = parser.parse_args()
    rows = ""
    counts = [int(each) for each in arguments.counts.split(",")]
    if arguments.url and len(counts) > 1:
        parser.error("--url takes one size: --counts 1000")
    with tempfile.TemporaryDirectory() as folder:
        # The first database of a process warms what is loaded late.
        measure_both(f"sqlite:///{folder}/warm.db", 100)
        for count in counts:
            url = arguments.url or f"sqlite:///{folder}/{count}.db"
            first, again = measure_both(url, count)
            rows += f"| {count:,} | {first:.2f} | {again:.2f} | {again / first:.2f} |\n"
    result = f"""# Edited articles, imported again

`python -m benchmarks.reimport --counts {arguments.counts}`: Python {platform.python_version()}, one process,
{"PostgreSQL" if arguments.url.startswith("postgresql") else "SQLite"}; CPU milliseconds of this process for each article.

| articles | first import | all edited, imported again | ratio |
|--:|--:|--:|--:|
{rows}"""
    print(result)
    if not arguments.url:
        RESULT.write_text(result, encoding="utf-8")


if __name__ == "__main__":
    main()
