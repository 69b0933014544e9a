"""Compares CPU and memory of the full path from page to stored article with those of bare Scrapy.

    python -m benchmarks.crawl [--pages 2000] [--rounds 3] [--out benchmarks/results/crawl.md]

A server in another process serves distinct invented articles of about 125 KB on loopback. Bare
Scrapy fetches them with its defaults and drops them. The full path fetches one page after the other
as for any outlet, writes WARC, extracts title, date, author and text, compares the text with all
others and stores it in SQLite. Both are measured in turn from the first request to the end, each in
its own process. The median of the rounds counts.
"""

import argparse
import asyncio
import multiprocessing
import platform
import random
import resource
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

PAGE_BYTES = 125_000
SYLLABLES = "ba ker lan tern mo dau fi gro hu jal ki pes qua ri sto tu vel wen yor zan che dri elo"


@dataclass(frozen=True)
class ProcessCost:
    """The cost of one process."""

    cpu_seconds: float
    peak_mb: float
    note: str = ""


def vocabulary() -> tuple[list[str], list[float]]:
    """Returns invented words and their weights by Zipf's law: the n-th word has the weight 1/n."""
    rng = random.Random(1)
    parts = SYLLABLES.split()
    words = ["".join(rng.choices(parts, k=rng.randint(1, 4))) for _ in range(8_000)]
    return words, [1 / rank for rank in range(1, len(words) + 1)]


WORDS, WORD_WEIGHTS = vocabulary()


def article_page(number: int, boilerplate: str) -> bytes:
    """Returns a news page with some 3 KB of its own text and the shared `boilerplate`."""
    rng = random.Random(number)
    paragraphs = "".join(
        f"<p>{' '.join(rng.choices(WORDS, WORD_WEIGHTS, k=40)).capitalize()}.</p>"
        for _ in range(12)
    )
    title = " ".join(rng.choices(WORDS, WORD_WEIGHTS, k=8)).capitalize()
    return (
        f"<!doctype html><html lang=en><head><title>{title} - Herald</title>"
        f'<meta property="og:title" content="{title}"><meta property="article:published_time" '
        f'content="2026-07-{number % 28 + 1:02d}T09:00:00+09:00"><link rel=canonical '
        f'href="/news/{number}"></head><body><article><h1>{title}</h1><p class=by>By A. Lantern</p>'
        f'<div class="body">{paragraphs}</div></article>{boilerplate}</body></html>'
    ).encode()


def make_boilerplate() -> str:
    """Returns menus, teasers and scripts of the size found on real pages."""
    rng = random.Random(0)
    parts: list[str] = []
    size = 0
    while size < PAGE_BYTES - 5_000:
        link = " ".join(rng.choices(WORDS, k=6))
        part = (
            f'<li class="card item-{size % 97}"><a href="/section/{size}" data-id="{size}"><span>{link}'
            f"</span></a></li>"
        )
        if size % 5 == 0:
            part += f"<script>window.state_{size}={{'a':'{link * 8}'}};</script>"
        parts.append(part)
        size += len(part)
    return f"<footer><ul>{''.join(parts)}</ul></footer>"


def serve(ready: Connection, pages: int) -> None:
    """Runs the server: sends its port through `ready` and serves until terminated."""
    asyncio.run(_serve(ready, pages))


async def _serve(ready: Connection, pages: int) -> None:
    boilerplate = make_boilerplate()
    listing = "".join(f'<li><a href="/news/{n}">Report number {n}</a></li>' for n in range(pages))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            path = line.split()[1].decode()
            status, body = "200 OK", b""
            if path.startswith("/news/"):
                body = article_page(int(path[6:]), boilerplate)
            elif path == "/list":
                body = listing.encode()
            else:
                status = "404 Not Found"
            head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    ready.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def crawl_with_scrapy(port: int, pages: int, _: Path) -> str:
    """Fetches and drops all pages with Scrapy's default settings."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"
        received = 0

        async def start(self) -> Any:
            for number in range(pages):
                yield scrapy.Request(f"http://127.0.0.1:{port}/news/{number}")

        def parse(self, response: Any) -> None:
            Bare.received += len(response.body)

    process = AsyncCrawlerProcess(
        {"TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False, "LOG_LEVEL": "WARNING"}
    )
    process.crawl(Bare)
    process.start()
    return f"{Bare.received / pages / 1000:.0f} KB a page"


def crawl_with_nkwire(port: int, pages: int, home: Path) -> str:
    """Crawls all pages by the full path, as `nkwire crawl` does."""
    from crawler.extract.page.rules import Rules
    from crawler.outlet import Outlet
    from crawler.processes.run import CrawlOptions, crawl
    from crawler.sources import Listing

    declaration: dict[str, Any] = {
        "__doc__": "Herald.",
        "name": "herald",
        "every": timedelta(hours=1),
        "languages": ("en",),
        "country": "KR",
        "timezone": "Asia/Seoul",
        "hosts": (f"127.0.0.1:{port}",),
        "rights": "full",
        "sources": (Listing(f"http://127.0.0.1:{port}/list", item="li"),),
        "article": r"/news/\d+",
        "key": r"/news/(\d+)",
        "delay": 1e-9,
        "rules": (Rules(title="h1", body=".body > p", authors=".by"),),
    }
    outlet = type("Herald", (Outlet,), declaration)
    settings = {
        "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.0/8"],
        "NKWIRE_PAGE_BUDGET": pages,
        "LOG_LEVEL": "WARNING",
    }
    run = crawl(outlet, CrawlOptions(home=home, settings=settings))
    assert run.counts.get("stored.new") == pages, run
    return f"{run.counts['stored.new']} stored"


def measure(work: Callable[[int, int, Path], str], port: int, pages: int) -> ProcessCost:
    """Measures one side in a new process. CPU time counts after its modules are loaded."""
    parent_end, child_end = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory() as home:
        context = multiprocessing.get_context("spawn")
        process = context.Process(
            target=_measure_in_child, args=(child_end, work, port, pages, Path(home))
        )
        process.start()
        child_end.close()
        cost: ProcessCost = parent_end.recv()
        process.join()
    return cost


def _measure_in_child(
    sender: Connection, work: Callable[[int, int, Path], str], port: int, pages: int, home: Path
) -> None:
    import crawler.processes.run  # noqa: F401  both sides have the same modules in memory
    from storage import open_database

    # The database is created before the measurement, because a usual crawl finds one.
    open_database(f"sqlite:///{home / 'nkwire.db'}").close()
    before = resource.getrusage(resource.RUSAGE_SELF)
    note = work(port, pages, home)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sender.send(ProcessCost(cpu, after.ru_maxrss / 1024, note))


def report(pages: int, sides: dict[str, list[ProcessCost]]) -> str:
    """Returns the result as Markdown."""
    cpu_ms = {
        name: statistics.median(cost.cpu_seconds for cost in costs) * 1000 / pages
        for name, costs in sides.items()
    }
    peak_mb = {name: max(cost.peak_mb for cost in costs) for name, costs in sides.items()}
    notes = {name: costs[-1].note for name, costs in sides.items()}
    rows = "\n".join(
        f"| {side} | {cpu_ms[side]:.2f} | {min(cost.cpu_seconds for cost in sides[side]) * 1000 / pages:.2f} "
        f"| {peak_mb[side]:.0f} | {notes[side]} |"
        for side in sides
    )
    return f"""# From page to stored article

`python -m benchmarks.crawl --pages {pages}`, {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {multiprocessing.cpu_count()} cores.

{pages} distinct invented article pages of {PAGE_BYTES // 1000} KB from a loopback server in another process,
{len(sides["bare Scrapy"])} rounds in turn. The full path: robots.txt, plan, fetch, WARC, reading, deduplication, SQLite.

| | CPU ms a page, median | best | peak RSS, MB | |
|---|---|---|---|---|
{rows}

The full path costs **{cpu_ms["full path"] / cpu_ms["bare Scrapy"]:.2f} times** what bare Scrapy needs to fetch the same pages.
"""


def main() -> None:
    """Measures both sides in turn and prints the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    parent_end, child_end = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(child_end, arguments.pages), daemon=True
    )
    server.start()
    port = parent_end.recv()
    sides: dict[str, list[ProcessCost]] = {"bare Scrapy": [], "full path": []}
    for _ in range(arguments.rounds):
        sides["bare Scrapy"].append(measure(crawl_with_scrapy, port, arguments.pages))
        sides["full path"].append(measure(crawl_with_nkwire, port, arguments.pages))
    server.terminate()
    text = report(arguments.pages, sides)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
