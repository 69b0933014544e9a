"""What a version costs on disk, and what the due list costs among a million articles.

python -m benchmarks.changes_storage
"""

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
MILLION = """
INSERT INTO article (outlet, identity, key, url, canonical_url, external_id, page_class, language,
    first_seen_at, last_captured_at, state, next_check_at, version_id)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
SELECT 'agency' || (i % 50), 'bulk' || i, '', 'https://agency.test/article/' || i, '', '', 'article',
    'en', '2025-01-01 00:00:00', '2025-01-01 00:00:00', 'live',
    datetime('2025-12-01', '+' || (abs(random()) % 525600) || ' minutes') || '.000000', NULL
FROM n
"""


def articles(rng: random.Random, count: int, edited: float) -> list[Article]:
    """Articles of some 2,500 characters, a share of them with an edit of one word."""
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


def sizes(database: Database) -> dict[str, int]:
    """Bytes by table, its indexes included."""
    asked = text(
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name"
        " GROUP BY 1"
    )
    return {row[0]: int(row[1]) for row in database.read(lambda c: c.execute(asked).all())}


def main(count: int = 2000) -> int:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'nkwire.db'}", seed=1)
        made = articles(random.Random(1), count, 0.3)
        for first in range(0, len(made), 100):
            database.save(made[first : first + 100])
        held = sizes(database)
        versions = len(made)
        characters = sum(len(each.text) for each in made) / versions
        print(f"{versions} versions of {characters:.0f} characters")
        for name in ("version", "capture", "change", "article", "witness"):
            print(f"| {name} | {held.get(name, 0) / versions:.0f} bytes a version |")
        database.declare({f"agency{n}": 9 for n in range(50)})
        database.write(lambda c: c.execute(text(MILLION), {"rows": 1_000_000}))
        for room in (10, 100):
            begun = time.perf_counter()
            found = database.due("agency7", NOW + timedelta(days=200), room)
            print(
                f"| due list, {len(found)} of 1,000,000 | {1000 * (time.perf_counter() - begun):.1f} ms |"
            )
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 2000))
