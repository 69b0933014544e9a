"""Small answers that unpack to gigabytes: six in one run cost little memory and no other page."""

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest

from crawler.sources import Feed, Sitemap
from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Declare, Site, World

HALF_GIGABYTE = 512
MEGABYTE = bytes(1 << 20)


def megabytes(count: int) -> Iterator[bytes]:
    return (MEGABYTE for _ in range(count))


def as_gzip(count: int = HALF_GIGABYTE) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(map(packer.compress, megabytes(count))) + packer.flush()


def as_deflate() -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(map(packer.compress, megabytes(HALF_GIGABYTE))) + packer.flush()


def as_brotli() -> bytes:
    packer = pytest.importorskip("brotli").Compressor(quality=1)
    return b"".join(map(packer.process, megabytes(HALF_GIGABYTE))) + bytes(packer.finish())


def as_zstd() -> bytes:
    packer = pytest.importorskip("backports.zstd").ZstdCompressor(level=1)
    return b"".join(map(packer.compress, megabytes(HALF_GIGABYTE))) + bytes(packer.flush())


def as_gzip_within_gzip() -> bytes:
    body = as_gzip(64)
    for _ in range(200):
        body = gzip.compress(body, 9)
    return body


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": as_gzip,
    "deflate": as_deflate,
    "br": as_brotli,
    "zstd": as_zstd,
}


@pytest.mark.threats("S4")
@pytest.mark.slow
def test_six_bombs_in_one_run_cost_little_memory_and_no_other_page(
    site: Site, declare: Declare, world: World
) -> None:
    numbers = range(1, 10)
    site.put_feed(numbers)
    for number in numbers:
        site.put_article(number)
    for number, (coding, pack) in enumerate(BOMBS.items(), start=2):
        headers = (("Content-Type", "text/html"), ("Content-Encoding", coding))
        site.put(f"/news/{number}", pack(), headers=headers)
    layers = ", ".join(["gzip"] * 200)
    nested = (("Content-Type", "text/html"), ("Content-Encoding", layers))
    site.put("/news/6", as_gzip_within_gzip(), headers=nested)
    site.put("/map.xml.gz", as_gzip(), headers=(("Content-Type", "application/gzip"),))
    sources = (Feed(site.url("/feed")), Sitemap(site.url("/map.xml.gz")))
    asked = world.pool.submit(
        child.crawl_and_peak_memory, declare(sources=sources), world.options()
    )
    run, peak = asked.result(240)
    assert peak < 300_000_000
    assert run.counts["stored.new"] == 4
    assert run.counts["page.error"] + run.counts["page.truncated"] == 5
    assert run.outcome is RunOutcome.DEGRADED
    assert len(world.articles()) == 4
