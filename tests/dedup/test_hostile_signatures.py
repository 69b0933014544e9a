"""Pages made by someone who knows the seed of the signatures, or finds collisions of the hashes."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from dedup.bulk.cluster import cluster_documents
from dedup.copies.compare import compare_documents
from dedup.copies.memory_index import MemoryIndex
from dedup.copies.placement import place_document
from dedup.records import Document
from dedup.signature import features as signing
from dedup.signature.features import compute_features, minhash_signature
from dedup.signature.scheme import Scheme
from dedup.text.normalise import normalise
from dedup.text.shingles import shingle_hashes

Make = Callable[..., Document]
Place = Callable[[Iterable[Document]], MemoryIndex]
Prose = Callable[[int, int], str]


def ground(scheme: Scheme, first_word: int, count: int = 20_000) -> str:
    """Words whose shingles are the least of `count` under each permutation of a known seed."""
    words = [f"zq{first_word + number}" for number in range(count)]
    hashes = shingle_hashes(normalise(" ".join(words)), 3, scheme.hash_key)
    alone = np.array([minhash_signature(hashes[at : at + 1], scheme) for at in range(count - 2)])
    least = set(alone.argmin(axis=0).tolist())
    return " ".join(" ".join(words[at : at + 3]) for at in sorted(least))


@pytest.mark.threats("D2")
@pytest.mark.parametrize("seed", [1, 20310506], ids=["a usual seed", "a leaked seed"])
def test_pages_ground_to_look_alike_do_not_merge(
    seed: int, make: Make, prose: Prose, placed: Place
) -> None:
    leaked = Scheme(seed=seed)
    gibberish = ground(leaked, 0)
    pages = [make(f"{prose(n, 700)} {gibberish}", title=prose(90 + n, 6)) for n in range(12)]
    one, two = (compute_features(each, leaked).signature for each in pages[:2])
    assert np.count_nonzero(one == two) > 100, "the attack does what it should"
    index = MemoryIndex(scheme=leaked)
    for page in pages:
        place_document(index, page, compute_features(page, leaked))
    assert all(len(story.members) == 1 for story in index.stories)
    stories = cluster_documents(pages, leaked, reports=False).stories
    assert all(len(story.members) == 1 for story in stories)


@pytest.mark.threats("D2")
@pytest.mark.parametrize("pieces", [1, 3])
def test_a_copy_that_shares_no_band_with_its_source_is_found_by_its_passages(
    pieces: int, make: Make, prose: Prose
) -> None:
    leaked = Scheme(seed=20310506)
    text, gibberish = prose(7, 600).split(), ground(leaked, 10**6).split()
    size, step = len(text) // pieces, len(gibberish) // pieces
    hidden = " ".join(
        " ".join([*gibberish[n * step : (n + 1) * step], *text[n * size : (n + 1) * size]])
        for n in range(pieces)
    )
    pages = [make(" ".join(text)), make(hidden)]
    one, two = (compute_features(each, leaked) for each in pages)
    assert not set(one.bands.tolist()) & set(two.bands.tolist()), "the attack does what it should"
    index = MemoryIndex(scheme=leaked)
    for page in pages:
        place_document(index, page, compute_features(page, leaked))
    assert len(index.stories) == 1
    assert len(cluster_documents(pages, leaked, reports=False).stories) == 1


@pytest.mark.threats("D7")
def test_equal_hashes_of_whole_texts_join_nothing(
    make: Make, prose: Prose, placed: Place, scheme: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "xxh3_128_digest", lambda _: b"one for all text")
    strangers = [make(prose(100 + n, 200)) for n in range(14)]
    copies = [make(prose(99, 200)) for _ in range(12)]
    pages = [page for pair in zip(strangers, copies, strict=False) for page in pair]
    pages += strangers[len(copies) :]
    by_id = sorted(pages, key=lambda page: page.id)
    for stories in (
        placed(by_id).stories,
        cluster_documents(by_id, scheme, reports=False).stories,
    ):
        texts = [{by_id[number - 1].text for number in story.members} for story in stories]
        assert all(len(each) == 1 for each in texts)


@pytest.mark.threats("D7")
@pytest.mark.parametrize("words", [200, 3_000])
def test_signatures_of_eight_bits_join_nothing(
    words: int, make: Make, prose: Prose, placed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "_mix32", lambda values: values & np.uint32(0xFF))
    pages = [make(prose(100 + n, words)) for n in range(10)]
    index = placed(pages)
    assert all(len(story.members) == 1 for story in index.stories)


@pytest.mark.threats("D7")
def test_texts_whose_shingles_collide_in_32_bits_are_not_alike(make: Make, scheme: Scheme) -> None:
    words = [f"zq{number}" for number in range(400_000)]
    # Each part is short enough to be read whole, and loses the two last shingles.
    parts = [words[at : at + 20_000] for at in range(0, len(words), 20_000)]
    tail = np.array([0, 1], np.uint64)
    low = np.concatenate(
        [
            np.append(shingle_hashes(normalise(" ".join(part)), 3, scheme.hash_key), tail)
            for part in parts
        ]
    ).astype(np.uint32)
    low[low < 2] = np.arange(np.count_nonzero(low < 2), dtype=np.uint32)
    order = np.argsort(low, kind="stable")
    pairs = np.flatnonzero(low[order][1:] == low[order][:-1])
    assert len(pairs) > 5, "the birthday finds collisions"
    one, two = (
        make(" ".join(" ".join(words[at : at + 3]) for at in order[pairs + side].tolist()))
        for side in (0, 1)
    )
    relation = compare_documents(one, two)
    assert relation is None or not relation.merges


@pytest.mark.threats("D3")
@pytest.mark.parametrize("outlets", [1, 40])
def test_each_page_of_a_flood_finds_no_more_to_read_than_the_first_ones(
    outlets: int, make: Make, prose: Prose, scheme: Scheme
) -> None:
    frame, report = prose(6, 300), prose(8, 200)
    index = MemoryIndex(scheme=scheme)

    def place(page: Document) -> Document:
        place_document(index, page, compute_features(page, scheme))
        return page

    honest = [place(make(report, title="Tower opens", outlet="agency"))]
    held = []
    for number in range(160):
        text = f"{frame} {prose(1000 + number, 60)}"
        place(make(text, title=prose(500 + number, 6), outlet=f"flooder {number % outlets}"))
        held.append(max(len(index.relations([page])) for page in range(1, 12)))
        if number % 40 == 0:
            honest.append(place(make(f"{report} {prose(50 + number, 20)}", title="Tower opens")))
    assert {len(story.members) for story in index.stories} == {1, len(honest)}
    assert max(held[80:]) <= max(held[:80])
