"""Measures what a flood of pages that fall into the same buckets costs, beside other articles.

    python -m benchmarks.flood [--pages 2000] [--only "one outlet"]

All texts are invented. Each kind goes into a new SQLite database in three ways: as pages of a
recording that are read and stored (the whole path, as by `nkwire ccnews`), as articles in batches,
and through the bulk path of `nkwire cluster`. The kinds take turns, so that a change of the
machine's speed meets all of them. The table has CPU milliseconds for each page, and ratios to
articles of about that length with copies. It goes to standard output and to
benchmarks/results/flood.md.
"""

import argparse
import platform
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.recorded.ccnews import PageFilter, import_file
from crawler.warc.writer import Exchange, WarcWriter
from dedup.bulk.cluster import cluster_documents
from dedup.records import Document
from dedup.signature.scheme import Scheme
from storage import open_database
from storage.batches import batched
from storage.records import Article

RESULT = Path(__file__).parent / "results/flood.md"
SEED = 20310506
PAGES_A_FILE = 250
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta property="og:type" content="article">
<meta property="article:published_time" content="{at:%Y-%m-%dT%H:%M:%SZ}"></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<main><article><h1>{title}</h1>{text}</article></main><footer>About us</footer></body></html>"""
BATCH = 50
"""Pages that are saved together, as a crawl of busy outlets does."""
_DAY = datetime(2021, 5, 6, 9, tzinfo=UTC)
_SYLLABLES = ("ta", "ro", "mi", "ken", "so", "lu", "pa", "din", "ve", "sho", "gar", "ne")
_PAGES_A_DAY = 2_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of pages. `text` makes the text of a page of its number; `outlets`: 0 for one a page.

    `base`: the kind that it is compared with.
    """

    text: Callable[[int], str]
    outlets: int
    base: str


def prose(seed: int, words: int) -> str:
    """Returns an invented text of so many words, always the same for a seed."""
    chosen = random.Random(seed)
    made = ["".join(chosen.choices(_SYLLABLES, k=3)) for _ in range(words)]
    return ". ".join(" ".join(made[at : at + 12]) for at in range(0, words, 12))


def in_frame(frame: int, own: int) -> Callable[[int], str]:
    """Returns the texts of a flood: a frame of so many words and some of each page's own."""
    shared = prose(6, frame)
    return lambda number: f"{shared}. {prose(1_000_000 + number, own)}"


def with_copies(words: int) -> Callable[[int], str]:
    """Returns the texts of other articles: eight of each report, with a few words of their own."""
    return lambda number: f"{prose(number // 8, words)}. {prose(2_000_000 + number, 15)}"


def reworded(words: int, changed: int) -> Callable[[int], str]:
    """Returns the texts of a near-verbatim flood: the same words, a few of them others."""
    shared = prose(7, words).split()

    def text(number: int) -> str:
        chosen = random.Random(number)
        own = list(shared)
        for position in chosen.sample(range(len(own)), changed):
            own[position] = f"edit{chosen.randrange(10**6)}"
        return " ".join(own)

    return text


SHORT, LONG = "articles of 180 words with copies", "articles of 700 words with copies"
KINDS = {
    SHORT: Kind(with_copies(165), 40, SHORT),
    LONG: Kind(with_copies(685), 40, LONG),
    "150 words of a frame, 30 own, one outlet": Kind(in_frame(150, 30), 1, SHORT),
    "150 words of a frame, 30 own, 40 outlets": Kind(in_frame(150, 30), 40, SHORT),
    "150 words of a frame, 30 own, each another outlet": Kind(in_frame(150, 30), 0, SHORT),
    "600 words of a frame, 100 own, one outlet": Kind(in_frame(600, 100), 1, LONG),
    "600 words of a frame, 100 own, 40 outlets": Kind(in_frame(600, 100), 40, LONG),
    "600 words of a frame, 100 own, each another outlet": Kind(in_frame(600, 100), 0, LONG),
    "180 words, 3 others, one outlet": Kind(reworded(180, 3), 1, SHORT),
    "180 words, 3 others, 40 outlets": Kind(reworded(180, 3), 40, SHORT),
    "180 words, 3 others, each another outlet": Kind(reworded(180, 3), 0, SHORT),
    "700 words, 3 others, 40 outlets": Kind(reworded(700, 3), 40, LONG),
    "300 words of a frame, 300 own, 40 outlets": Kind(in_frame(300, 300), 40, LONG),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds for each page: read and stored, stored (each half), and in bulk."""

    read: float
    first: float
    second: float
    bulk: float


def make_documents(kind: Kind, count: int) -> list[Document]:
    """Makes the pages of a kind, some of them a day."""
    return [
        Document(
            id=number + 1,
            uid=f"u{number:06}",
            title=prose(3_000_000 + number, 6),
            text=kind.text(number),
            outlet=f"outlet{number % kind.outlets if kind.outlets else number}",
            published_at=_DAY + timedelta(days=number / _PAGES_A_DAY),
        )
        for number in range(count)
    ]


def measure_reading(pages: dict[str, list[Document]]) -> dict[str, float]:
    """Returns CPU milliseconds for each page that is read from a recording and stored."""
    times = dict.fromkeys(pages, 0.0)
    wanted = PageFilter(any_host=True, any_topic=True)
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = Path(name_of_folder)
        for start in range(0, max(map(len, pages.values())), PAGES_A_FILE):
            for number, (name, own) in enumerate(pages.items()):
                file = folder / f"{number}-{start}.warc.gz"
                record_pages(file, own[start : start + PAGES_A_FILE])
                url = f"sqlite:///{folder}/{number}.db"
                open_database(url, create=True, seed=SEED).close()
                begun = time.process_time()
                import_file(file, url, folder, wanted)
                times[name] += time.process_time() - begun
                file.unlink()
    return {name: taken / len(pages[name]) * 1000 for name, taken in times.items()}


def record_pages(file: Path, pages: list[Document]) -> None:
    """Writes the pages to a WARC file, as a plain press article each."""
    with closing(WarcWriter(file)) as writer:
        for page in pages:
            paragraphs = "".join(f"<p>{each}.</p>" for each in page.text.split(". "))
            writer.write(
                Exchange(
                    url=f"https://{page.outlet}.test/news/{page.uid}",
                    fetched_at=page.published_at or _DAY,
                    status=200,
                    headers=(("Content-Type", "text/html; charset=utf-8"),),
                    body=PAGE.format(
                        title=page.title, at=page.published_at, text=paragraphs
                    ).encode(),
                )
            )


def measure(kinds: dict[str, Kind], count: int) -> dict[str, Cost]:
    """Measures all kinds side by side."""
    pages = {name: make_documents(kind, count) for name, kind in kinds.items()}
    reading = measure_reading(pages)
    batches = {
        name: list(batched([_to_article(page) for page in own], BATCH))
        for name, own in pages.items()
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        databases = {
            name: stack.enter_context(
                open_database(f"sqlite:///{folder}/{number}.db", create=True, seed=SEED)
            )
            for number, name in enumerate(kinds)
        }
        for position in range(len(next(iter(batches.values())))):
            for name, database in databases.items():
                start = time.process_time()
                database.save(batches[name][position])
                times[name].append(time.process_time() - start)
    half = len(next(iter(times.values()))) // 2
    costs = {}
    for name, own_times in times.items():
        start = time.process_time()
        cluster_documents(pages[name], Scheme(seed=SEED), reports=False)
        bulk = (time.process_time() - start) / count
        done = min(half * BATCH, count)
        first, second = sum(own_times[:half]) / done, sum(own_times[half:]) / (count - done)
        costs[name] = Cost(reading[name], first * 1000, second * 1000, bulk * 1000)
    return costs


def format_table(costs: dict[str, Cost]) -> str:
    """Returns the rows of the table; a ratio is to the other articles of about that length."""
    rows = ""
    for name, cost in costs.items():
        base = costs[KINDS[name].base]
        ratio = (cost.first + cost.second) / (base.first + base.second)
        rows += (
            f"| {name} | {cost.read:.2f} | {cost.read / base.read:.2f} | {cost.first:.2f} | {cost.second:.2f} | {cost.second / cost.first:.2f}"
            f" | {ratio:.2f} | {cost.bulk:.2f} | {cost.bulk / base.bulk:.2f} |\n"
        )
    return rows


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, default=2_000, help="pages of each kind")
    parser.add_argument("--only", default="", help="kinds with this in their name, and the bases")
    arguments = parser.parse_args()
    if arguments.pages < 2 * BATCH:
        parser.error(f"--pages must be at least {2 * BATCH}: two batches")
    chosen = {
        name: kind for name, kind in KINDS.items() if arguments.only in name or name == kind.base
    }
    measure({SHORT: KINDS[SHORT]}, 2 * BATCH)  # loads what is loaded late
    only = f' --only "{arguments.only}"' if arguments.only else ""
    result = f"""# A flood of pages in the same buckets

`python -m benchmarks.flood --pages {arguments.pages}{only}`: Python {platform.python_version()}, one process, SQLite; CPU milliseconds
of this process for each page. "Ratio" is to articles of about that length with copies, in the same run.
"Read and stored" is the whole path of a recorded page; the halves are of storing alone; "bulk" is `nkwire cluster`.

| pages | read and stored | ratio | stored, first half | second half | second / first | ratio | bulk | ratio in bulk |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
{format_table(measure(chosen, arguments.pages))}"""
    print(result)
    RESULT.write_text(result, encoding="utf-8")


def _to_article(page: Document) -> Article:
    return Article(
        outlet=page.outlet,
        url=f"https://{page.outlet}.test/{page.uid}",
        title=page.title,
        text=page.text,
        published_at=page.published_at,
    )


if __name__ == "__main__":
    main()
