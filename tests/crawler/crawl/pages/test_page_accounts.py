"""Pages that were asked for, those that were answered, and those that are missing."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.crawl.page_accounts import MAX_REASONS, PageAccounts
from storage.counts import Count

URLS = [f"https://herald.test/{number}" for number in range(6)]


@given(st.lists(st.sampled_from(URLS)), st.data())
def test_what_is_asked_for_is_answered_or_missing(asked: list[str], data: st.DataObject) -> None:
    answered = data.draw(st.lists(st.sampled_from(asked), unique=True) if asked else st.just([]))
    accounts = PageAccounts()
    for url in asked:
        accounts.ask(url)
    for url in answered:
        accounts.settle(url)
    missing = (Counter(asked) - Counter(answered)).total()
    assert accounts.close(finished=True, any_read=True) == {
        Count.PAGE_ASKED: len(asked),
        Count.PAGE_ASKED_AGAIN: 0,
        Count.PAGE_LOST: missing,
    }
    assert (Count.PAGE_LOST in accounts.details()) is (missing > 0)


def test_pages_of_a_run_that_was_stopped_are_not_missing() -> None:
    accounts = PageAccounts()
    for url in URLS:
        accounts.ask(url)
    accounts.settle(URLS[0])
    assert accounts.close(finished=False, any_read=True) == {Count.PAGE_ASKED: 1}


def test_a_missing_page_is_named() -> None:
    accounts = PageAccounts()
    accounts.ask(URLS[3])
    accounts.close(finished=True, any_read=True)
    assert accounts.details() == {"page.lost": f"such as {URLS[3]}"}


def test_the_most_frequent_reasons_are_told_with_their_numbers() -> None:
    accounts = PageAccounts()
    reasons = ["a PDF document", "a PDF document", "an image", "no text", "JSON", "a feed"]
    assert len(set(reasons)) > MAX_REASONS
    for url, reason in zip(URLS, reasons, strict=True):
        accounts.explain(Count.PAGE_ERROR, url, reason)
    told = "2 a PDF document, 1 an image, 1 no text, 2 other"
    assert accounts.details() == {"page.error": f"{told}, such as {URLS[0]}"}


def test_an_account_that_nobody_opened_closes_without_an_error() -> None:
    accounts = PageAccounts()
    accounts.settle(URLS[0])
    assert accounts.close(finished=True, any_read=True)[Count.PAGE_LOST] == 0


@pytest.mark.threats("R13")
@pytest.mark.parametrize(
    ("failures", "any_read", "counted"),
    [
        ([Count.PAGE_ERROR] * 2, False, 0),
        ([Count.PAGE_ERROR] * 3, False, 3),
        ([Count.PAGE_ERROR] * 3, True, 0),
        ([Count.PAGE_REFUSED], False, 0),
        ([Count.PAGE_BLOCKED], False, 1),
        ([Count.PAGE_BLOCKED], True, 0),
        ([Count.PAGE_REDIRECTED, Count.PAGE_ERROR, Count.PAGE_LISTING], False, 3),
    ],
)
def test_second_looks_count_as_pages_where_they_are_all_that_is_known(
    failures: list[Count], any_read: bool, counted: int
) -> None:
    accounts = PageAccounts()
    for url, failure in zip(URLS, failures, strict=False):
        accounts.fail_second_look(failure, url, "why")
    counts = accounts.close(finished=True, any_read=any_read)
    assert counts[Count.PAGE_ASKED] == counted
    assert sum(counts.get(failure, 0) for failure in {*failures}) == counted
    assert bool(accounts.details()) is (counted > 0)
