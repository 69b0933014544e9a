"""A disk that fills up while answers are recorded: what is written is whole, what is lost is told."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.warc.pack import pack
from crawler.warc.reader import iter_records
from crawler.warc.records import Damage, Record
from crawler.warc.writer import Exchange, WarcWriter
from storage.counts import Count
from storage.files.making import append_file, append_whole
from storage.records import RunOutcome
from tests.crawler.conftest import Declare, Site, World, page
from tests.small_disk import empty, fill, small_disk

pytestmark = pytest.mark.threats("R12")


def noise(number: int, letters: int = 20_000) -> str:
    """Returns letters that no packer makes much smaller."""
    return random.Random(number).randbytes(letters // 2).hex()


def exchange(number: int) -> Exchange:
    return Exchange(
        url=f"https://herald.example/news/{number}",
        fetched_at=datetime(2026, 7, 19, 12, tzinfo=UTC),
        status=200,
        headers=(("Content-Type", "text/html"),),
        body=noise(number).encode(),
    )


def found_in(path: Path) -> tuple[int, list[str]]:
    """Returns how many answers a recording holds, and what is wrong with it."""
    found = list(iter_records(path))
    answers = [each for each in found if isinstance(each, Record) and each.kind == "response"]
    return len(answers), [each.message for each in found if isinstance(each, Damage)]


@pytest.mark.parametrize("free", [0, 4096, 8192, 12_288])
def test_a_file_takes_all_of_it_or_nothing(tmp_path: Path, free: int) -> None:
    with small_disk(tmp_path / "disk", 200) as disk:
        with append_file(disk / "a") as file:
            append_whole(file, b"first\n")
            fill(disk, but=free)
            with pytest.raises(OSError, match="No space"):
                append_whole(file, bytes(30_000))
            empty(disk)
            append_whole(file, b"second\n")
        assert (disk / "a").read_bytes() == b"first\nsecond\n"


@pytest.mark.parametrize("free", [0, 4096, 8192, 12_288, 40_960])
def test_a_recording_holds_whole_records_only_and_goes_on(tmp_path: Path, free: int) -> None:
    with small_disk(tmp_path / "disk", 400) as disk:
        path = disk / "a.warc.gz"
        writer = WarcWriter(path)
        offsets = [writer.write(exchange(0))]
        fill(disk, but=free)
        with pytest.raises(OSError, match="No space"):
            offsets.extend(writer.write(exchange(number)) for number in range(1, 40))
        assert found_in(path) == (len(offsets), [])
        empty(disk)
        offsets.append(writer.write(exchange(50)))
        writer.close()
        assert found_in(path) == (len(offsets), [])
        assert {each.offset for each in iter_records(path) if isinstance(each, Record)} >= {
            *offsets
        }


def test_without_any_room_no_recording_is_begun(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 100) as disk:
        fill(disk)
        with pytest.raises(OSError, match="No space"):
            WarcWriter(disk / "a.warc.gz")
        assert not (disk / "a.warc.gz").exists()


def test_packing_pages_onto_a_full_disk_is_an_error_and_leaves_whole_records(
    tmp_path: Path,
) -> None:
    (tmp_path / "page.html").write_text(noise(1))
    line = '{"file": "page.html", "url": "https://herald.example/1"}\n'
    (tmp_path / "pages.jsonl").write_text(line * 40)
    with small_disk(tmp_path / "disk", 100) as disk:
        with pytest.raises(OSError, match="No space"):
            pack(tmp_path / "pages.jsonl", disk / "a.warc.gz", pytest.fail)
        count, damages = found_in(disk / "a.warc.gz")
        assert count > 0
        assert damages == []


@pytest.mark.parametrize("free", [0, 30_000])
def test_a_crawl_stores_its_articles_and_tells_what_it_could_not_record(
    world: World, site: Site, declare: Declare, free: int
) -> None:
    numbers = range(8)
    site.put_feed(numbers)
    for number in numbers:
        site.put(f"/news/{number}", page(number) + f"<!-- {noise(number)} -->")
    with small_disk(world.home / "warc", 400) as disk:
        fill(disk, but=free)
        run = world.crawl(declare())
        lost = run.counts[Count.LOST_WARC]
        assert run.outcome is RunOutcome.FAILED
        assert run.cause.startswith(f"{lost} answers could not be recorded: ")
        assert run.cause.endswith("No space left on device")
        assert len(world.articles()) == len(numbers)
        recorded = [found_in(path) for path in world.warcs()]
        assert [damages for _, damages in recorded if damages] == []
        # robots.txt, the feed and the pages
        assert sum(count for count, _ in recorded) + lost == len(numbers) + 2
        empty(disk)
        site.put_feed(range(20, 24))
        for number in range(20, 24):
            site.put_article(number)
        assert world.crawl(declare()).outcome is RunOutcome.OK
        assert found_in(world.warcs()[-1]) == (6, [])
