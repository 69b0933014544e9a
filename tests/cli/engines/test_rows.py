"""The functions of rows of an engine, where a corpus for Spark would be too large to try."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cli.engines import components
from cli.engines.arrow_rows import iter_rows, to_batches
from cli.engines.components import find_roots, load_roots, look_up, merge_roots, save_roots
from cli.engines.job import Job, Reading
from cli.engines.reporting_rows import find_periods
from cli.engines.signing_rows import BLOCKS, POSTING, count_buckets, find_pairs, post_keys
from dedup.reports.days import OPEN_DAYS
from dedup.signature.scheme import Scheme

IDS = 7 << 32
"""Ids of articles need more than 32 bits."""


def job() -> Job:
    scheme = Scheme(seed=5, hot_key=4, hot_sample=2, prints=3)
    return Job((), Reading.start(), scheme, "0", with_spans=False, with_reports=False)


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 100])
def test_pairs_do_not_depend_on_how_postings_are_cut_into_blocks(cut: int) -> None:
    chance = np.random.default_rng(3)
    rows = [
        (int(key), kind, IDS + holder, IDS + holder // 2, bool(holder % 5))
        for kind in (0, 1, 2)
        for key in range(6)
        for holder in chance.choice(30, size=int(chance.integers(1, 12)), replace=False).tolist()
    ]
    chance.shuffle(rows)
    blocks = [
        (bucket, np.array(postings[at : at + cut], POSTING).tobytes())
        for bucket in (0, 1)
        for postings in [[row for row in rows if row[0] % 2 == bucket]]
        for at in range(0, len(postings), cut)
    ]
    batches = [batch for block in blocks for batch in to_batches(BLOCKS, [block])]
    found: dict[tuple[int, int], int] = {}
    for later, earlier, later_text, earlier_text, hits in iter_rows(find_pairs(job(), batches)):
        assert (later_text, earlier_text) == tuple(
            IDS + (each - IDS) // 2 for each in (later, earlier)
        )
        found[later, earlier] = found.get((later, earlier), 0) + hits
    assert found == expected_pairs(sorted(rows))


def test_a_key_is_in_one_bucket_whatever_batch_it_comes_in() -> None:
    names = ("text_hash", "id", "bands", "fingerprints")
    types = (pa.binary(), pa.int64(), pa.binary(), pa.binary())
    schema = pa.schema(list(zip(names, types, strict=True)))
    keys = [np.arange(-start, 200 - start).tobytes() for start in (3, 90)]
    rows = [(bytes([n]) * 16, IDS + n, *keys) for n in range(9)]
    found: dict[int, list[tuple[int, int, int]]] = {}
    for batch in (rows[:2], rows[2:]):
        for bucket, block in iter_rows(post_keys(job(), 7, to_batches(schema, batch))):
            for key, kind, holder, _, _ in np.frombuffer(block, POSTING).tolist():
                found.setdefault(bucket, []).append((key, kind, holder))
    assert len(found) == 7
    places: dict[int, set[int]] = {}
    for bucket, postings in found.items():
        for key, _, _ in postings:
            places.setdefault(key, set()).add(bucket)
    assert all(len(buckets) == 1 for buckets in places.values())
    assert sorted(each for postings in found.values() for each in postings) == sorted(
        [
            (key, kind, IDS + n)
            for n in range(9)
            for kind in (0, 1)
            for key in np.frombuffer(keys[kind], np.int64).tolist()
        ]
        + [(IDS + n, 2, IDS + n) for n in range(9)]
    )


def test_buckets_are_small_however_large_the_corpus() -> None:
    assert count_buckets(articles=20_000, tasks=4) == 64
    assert count_buckets(articles=10**8, tasks=4) == 6103


def expected_pairs(rows: list[tuple[int, int, int, int, bool]]) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for key, kind, holder, _, asks in rows:
        earlier = [each[2] for each in rows if each[:2] == (key, kind) and each[2] < holder]
        if kind == 2:
            earlier = earlier[:3]
        elif len(earlier) > 4:
            earlier = earlier[:2]
        weight = ((1 << 20) + 1, 1, 1 << 40)[kind]
        for each in earlier if asks else ():
            found[holder, each] = found.get((holder, each), 0) + weight
    return found


def test_components_are_found_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "_MAX_WAITING_PAIRS", 3)
    pairs = IDS + np.array([[9, 4], [1, 2], [20, 21], [4, 2], [30, 31], [31, 21]], np.int64)
    whole = find_roots(pairs)
    assert {tuple(row - IDS) for row in whole} == {
        *((1, 1), (2, 1), (4, 1), (9, 1), (20, 20), (21, 20), (30, 20), (31, 20))
    }
    assert merge_roots(np.split(pairs, 6)).tolist() == whole.tolist()
    assert merge_roots([]).tolist() == []


def test_an_article_alone_is_its_own_root(tmp_path: Path) -> None:
    save_roots(tmp_path / "roots.npy", find_roots(np.array([[5, 3]])))
    save_roots(tmp_path / "none.npy", merge_roots([]))
    roots, known = look_up(load_roots(str(tmp_path / "roots.npy")), np.array([1, 3, 4, 5, 9]))
    assert (roots.tolist(), known.tolist()) == ([1, 3, 4, 3, 9], [False, True, False, True, False])
    roots, known = look_up(load_roots(str(tmp_path / "none.npy")), np.array([1]))
    assert (roots.tolist(), known.tolist()) == ([1], [False])


def test_a_period_ends_where_no_report_can_go_on() -> None:
    assert find_periods([]) == []
    assert find_periods([10, 10 + OPEN_DAYS, 11 + 2 * OPEN_DAYS, 5]) == [5, 10, 11 + 2 * OPEN_DAYS]


def test_a_batch_is_bounded_in_bytes() -> None:
    schema = pa.schema([("text", pa.binary())])
    sizes = [batch.num_rows for batch in to_batches(schema, [(bytes(3 << 20),)] * 7)]
    assert sizes == [3, 3, 1]
