"""Measures the disk space of a version, and the time of the due list among a million articles.

    python -m benchmarks.changes.storage [--sample 2000] [--articles 1000000] [--letters 200]

The space is that of versions stored by `Database.save`. SQL inserts the million articles, with 1.3
versions each and short texts. The time of the due list depends on the number of articles only, and
whole texts would take a quarter of an hour to insert.
"""

import argparse
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from storage import Database, open_database
from storage.records import Article, Capture

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSERT_ARTICLES_SQL = """
INSERT INTO article (outlet, identity, key, url, canonical_url, external_id, page_class, language,
    first_seen_at, last_captured_at, state, next_check_at, version_id)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
SELECT 'agency' || (i % 50), 'bulk' || i, '', 'https://agency.test/article/' || i, '', '', 'article',
    'en', '2025-01-01 00:00:00', '2025-01-01 00:00:00', 'live',
    datetime('2025-12-01', '+' || (abs(random()) % 525600) || ' minutes') || '.000000', NULL
FROM n
"""
INSERT_VERSIONS_SQL = """
INSERT INTO version (article_id, content_sha256, page_class, captured_at, stored_at, rules_version,
    title, text, lead, section, language, published_source, published_raw, rights, details)
SELECT id, hex(randomblob(32)), 'article', '2025-01-01 00:00:00', '2025-01-01 00:00:00', 'r1',
    'T ' || id, substr(:text, 1, :letters + id % 50), '', '', 'en', '', '', '', '{"lead":"0a1b2c3d"}'
FROM article WHERE outlet LIKE 'agency%' AND (:every = 1 OR id % 10 < 3)
"""
SET_CURRENT_VERSION_SQL = """
UPDATE article SET version_id = v.newest
FROM (SELECT article_id, max(id) AS newest FROM version GROUP BY 1) AS v WHERE v.article_id = article.id
"""


def make_articles(rng: random.Random, count: int, edited: float) -> list[Article]:
    """Returns articles of some 2,500 characters. The share `edited` has an edit of one word."""
    words = [
        f"{stem}{n}" for stem in ("harbour", "granite", "lantern", "meadow") for n in range(900)
    ]
    made = []
    for number in range(count):
        chosen = rng.choices(words, k=260)
        url = f"https://herald.test/{number}"
        for edit in range(1 + (rng.random() < edited)):
            chosen[100 + edit] = f"edit{edit}"
            fetched = Capture(url, NOW + timedelta(hours=edit), 200)
            made.append(
                Article(
                    outlet="herald",
                    url=url,
                    title=f"T {number}",
                    text=" ".join(chosen),
                    capture=fetched,
                )
            )
    return made


def table_bytes(database: Database) -> dict[str, int]:
    """Returns the bytes of each table with its indexes (SQLite's dbstat)."""
    asked = text(
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name"
        " GROUP BY 1"
    )
    return {row[0]: int(row[1]) for row in database.read(lambda c: c.execute(asked).all())}


def insert_articles(database: Database, rows: int, letters: int) -> float:
    """Inserts articles of fifty outlets with 1.3 versions each. Returns the seconds it took."""
    begun = time.perf_counter()
    words = "The granite harbour was widened by the lantern office of the meadow. " * 45
    given = {"text": words, "letters": letters}
    database.outlets.declare_ranks({f"agency{n}": 9 for n in range(50)})
    database.write(lambda c: c.execute(text(INSERT_ARTICLES_SQL), {"rows": rows}))
    database.write(lambda c: c.execute(text(INSERT_VERSIONS_SQL), given | {"every": 1}))
    database.write(lambda c: c.execute(text(INSERT_VERSIONS_SQL), given | {"every": 0}))
    database.write(lambda c: c.execute(text(SET_CURRENT_VERSION_SQL)))
    database.write(lambda c: c.execute(text("ANALYZE")))
    return time.perf_counter() - begun


def measure_due_list(database: Database, limit: int, times: int = 50) -> list[float]:
    """Returns the milliseconds of the due list for one outlet after another, sorted."""
    found = []
    for n in range(times):
        begun = time.perf_counter()
        database.revisits.due(f"agency{n % 50}", NOW + timedelta(days=200), limit)
        found.append(1000 * (time.perf_counter() - begun))
    return sorted(found)


def main() -> int:
    """Measures and prints Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=2000)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--letters", type=int, default=200, help="of each text of the million")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nkwire.db"
        database = open_database(f"sqlite:///{path}", seed=1)
        made = make_articles(random.Random(1), asked.sample, 0.3)
        for first in range(0, len(made), 100):
            database.save(made[first : first + 100])
        held = table_bytes(database)
        versions = len(made)
        characters = sum(len(each.text) for each in made) / versions
        print(f"{versions} versions of {characters:.0f} characters, stored by `Database.save`:\n")
        print("| table with its indexes | bytes a version |\n|---|---:|")
        for name in ("version", "capture", "change", "article", "witness"):
            print(f"| {name} | {held.get(name, 0) / versions:,.0f} |")
        seconds = insert_articles(database, asked.articles, asked.letters)
        size = path.stat().st_size / 2**30
        print(
            f"\n{asked.articles:,} articles more, 1.3 versions each: {size:.1f} GiB ({seconds:.0f} s)\n"
        )
        print("| due list of one outlet of 50 | median ms | slowest of 50 |\n|---|---:|---:|")
        for room in (10, 100):
            took = measure_due_list(database, room)
            print(f"| {room} due | {took[len(took) // 2]:.1f} | {took[-1]:.1f} |")
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
