import pytest

from storage.counts import Count
from storage.wording.run_counts import RUN_COUNT_WORDS, describe_run_counts


def test_counts_become_words_with_their_numbers() -> None:
    counts = {
        Count.STORED_NEW.value: 1_234,
        Count.SOURCE_OK.value: 1,
        Count.SOURCE_UNCHANGED.value: 2,
        Count.SOURCE_REFUSED.value: 1,
        Count.PAGE_FETCHED.value: 1,
        Count.LISTED.value: 40,
        Count.FIELD_AUTHORS.value: 2,
    }
    words = "1,234 new, 1 source answered, 2 sources unchanged, 1 source refused, 1 page fetched"
    assert describe_run_counts(counts) == words


def test_a_run_without_counts_has_no_words() -> None:
    assert describe_run_counts({}) == describe_run_counts({"unknown": 3}) == ""


def test_pages_without_an_article_are_told_apart() -> None:
    counts = {
        Count.PAGE_REDIRECTED.value: 4,
        Count.PAGE_LOST.value: 1,
        Count.PAGE_GONE.value: 2,
        Count.PAGE_LISTING.value: 1,
        Count.PAGE_NOARCHIVE.value: 1,
    }
    assert describe_run_counts(counts) == (
        "4 pages redirected, 1 page never answered, 2 pages gone, 1 page that is a list,"
        " 1 page that forbids archiving"
    )


@pytest.mark.parametrize("count", Count)
def test_every_count_has_words(count: Count) -> None:
    words = RUN_COUNT_WORDS[count]
    assert all(words)
    assert not any(mark in word for word in words for mark in "_0123456789")
