from storage.counts import Count
from web.pages.watch.run_words import describe_counts


def test_counts_become_words_with_their_numbers() -> None:
    counts = {
        Count.STORED_NEW.value: 1_234,
        Count.SOURCE_OK.value: 1,
        Count.SOURCE_UNCHANGED.value: 2,
        Count.SOURCE_REFUSED.value: 1,
        Count.PAGE_FETCHED.value: 1,
        Count.LISTED.value: 40,
    }
    words = "1,234 new, 3 sources answered, 1 source failed, 1 page fetched"
    assert describe_counts(counts) == words


def test_a_run_without_counts_has_no_words() -> None:
    assert describe_counts({}) == describe_counts({"unknown": 3}) == ""


def test_pages_without_an_article_are_told_apart() -> None:
    counts = {
        Count.PAGE_ASKED.value: 10,
        Count.PAGE_REDIRECTED.value: 4,
        Count.PAGE_LOST.value: 1,
        Count.PAGE_GONE.value: 2,
        Count.PAGE_LISTING.value: 1,
        Count.PAGE_MEDIA.value: 1,
        Count.PAGE_NOARCHIVE.value: 1,
    }
    assert describe_counts(counts) == (
        "4 pages led elsewhere, 1 page never answered, 2 pages gone, 2 pages of another kind,"
        " 1 article not to be archived"
    )
