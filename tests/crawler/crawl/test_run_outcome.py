from datetime import timedelta

import pytest

from crawler.crawl.run_outcome import determine_outcome
from crawler.outlet import Expect
from storage.records import RunOutcome as Outcome

EXPECT = Expect(min_items=2, within=timedelta(days=2))
LISTED = {"source.ok": 1, "listed": 5, "listed.recent": 5}


@pytest.mark.threats("R13")
@pytest.mark.parametrize(
    ("counts", "reason", "outcome"),
    [
        ({**LISTED, "page.article": 5, "stored.new": 5}, "finished", Outcome.OK),
        ({**LISTED, "page.article": 1, "stored.edited": 1}, "finished", Outcome.OK),
        ({**LISTED, "listed.known": 5}, "finished", Outcome.QUIET),
        ({"source.unchanged": 1}, "finished", Outcome.QUIET),
        ({"source.ok": 1}, "finished", Outcome.EMPTY),
        ({"source.ok": 1, "listed": 5, "listed.recent": 1}, "finished", Outcome.EMPTY),
        ({**LISTED, "page.error": 5}, "finished", Outcome.EMPTY),
        ({"source.refused": 1}, "finished", Outcome.REFUSED),
        ({**LISTED, "page.refused": 5}, "finished", Outcome.REFUSED),
        ({**LISTED, "page.blocked": 3, "page.error": 2}, "finished", Outcome.REFUSED),
        ({**LISTED, "page.article": 2, "stored.new": 2}, "refused", Outcome.REFUSED),
        ({"source.unreachable": 2}, "finished", Outcome.UNREACHABLE),
        ({**LISTED, "page.unreachable": 5}, "finished", Outcome.UNREACHABLE),
        (
            {**LISTED, "page.article": 4, "stored.new": 4, "page.error": 1},
            "finished",
            Outcome.DEGRADED,
        ),
        ({**LISTED, "source.unreachable": 1, "stored.new": 5}, "finished", Outcome.DEGRADED),
        (
            {**LISTED, "page.article": 5, "stored.new": 4, "rejected": 1},
            "finished",
            Outcome.DEGRADED,
        ),
        ({**LISTED, "page.asked": 5, "page.redirected": 5}, "finished", Outcome.EMPTY),
        ({**LISTED, "page.asked": 5, "page.lost": 5}, "finished", Outcome.EMPTY),
        ({**LISTED, "page.asked": 3, "page.listing": 3}, "finished", Outcome.EMPTY),
        ({**LISTED, "page.asked": 3, "page.gone": 3}, "finished", Outcome.EMPTY),
        ({**LISTED, "page.asked": 2, "page.gone": 2}, "finished", Outcome.QUIET),
        ({**LISTED, "page.asked": 3, "page.media": 3}, "finished", Outcome.QUIET),
        ({"source.recorded": 1, "page.listing": 3}, "finished", Outcome.QUIET),
        (
            {**LISTED, "page.article": 4, "stored.new": 4, "page.lost": 1},
            "finished",
            Outcome.DEGRADED,
        ),
        (
            {**LISTED, "page.article": 4, "stored.unchanged": 4, "page.redirected": 1},
            "finished",
            Outcome.DEGRADED,
        ),
        ({**LISTED, "page.gone": 1, "page.article": 4, "stored.new": 4}, "finished", Outcome.OK),
        ({**LISTED, "stored.new": 5, "exceptions": 1}, "finished", Outcome.FAILED),
        ({**LISTED, "stored.new": 4, "lost": 1}, "finished", Outcome.FAILED),
        ({**LISTED, "stored.new": 4, "lost.warc": 1}, "finished", Outcome.FAILED),
        ({**LISTED, "stored.new": 4, "lost": 1}, "shutdown", Outcome.FAILED),
        ({**LISTED, "stored.new": 4}, "shutdown", Outcome.KILLED),
        ({**LISTED, "stored.new": 4}, "memusage_exceeded", Outcome.FAILED),
        ({"page.article": 3, "stored.unchanged": 3}, "finished", Outcome.QUIET),
        (
            {**LISTED, "page.asked": 1, "page.error": 1, "revisit.present": 1},
            "finished",
            Outcome.EMPTY,
        ),
        (
            {
                **LISTED,
                "page.asked": 1,
                "page.asked_again": 1,
                "page.error": 1,
                "revisit.present": 1,
            },
            "finished",
            Outcome.DEGRADED,
        ),
    ],
)
def test_a_runs_outcome_is_what_happened(
    counts: dict[str, int], reason: str, outcome: Outcome
) -> None:
    judged = determine_outcome(counts, EXPECT, reason, "the first note")
    assert judged.outcome is outcome
    assert judged.cause or outcome is Outcome.OK


def test_the_cause_tells_numbers_and_the_first_note() -> None:
    judged = determine_outcome(
        {**LISTED, "page.refused": 5}, EXPECT, "finished", "https://x/1: status 403"
    )
    assert judged.cause == "5 of 5 pages refused: https://x/1: status 403"


def test_an_outlet_that_expects_nothing_is_quiet_and_not_empty() -> None:
    assert (
        determine_outcome({"source.ok": 1}, Expect(min_items=0), "finished").outcome
        is Outcome.QUIET
    )


def test_what_gave_no_article_is_told_in_words_with_reasons_and_an_example() -> None:
    counts = {**LISTED, "page.asked": 5, "page.redirected": 3, "page.lost": 2}
    details = {"page.redirected": "in a circle, such as https://x/1"}
    judged = determine_outcome(counts, EXPECT, "finished", "", details)
    assert judged.cause == (
        "no article could be read on the 5 pages asked for: 3 pages redirected"
        " (in a circle, such as https://x/1), 2 pages never answered"
    )


def test_pages_that_are_no_articles_are_told_though_nothing_failed() -> None:
    counts = {**LISTED, "page.article": 3, "stored.new": 3, "page.media": 1, "page.listing": 2}
    details = {"page.media": "a film, such as https://x/1"}
    judged = determine_outcome(counts, EXPECT, "finished", "", details)
    assert judged.outcome is Outcome.OK
    told = "2 pages that are lists, 1 page of pictures or films (a film, such as https://x/1)"
    assert judged.cause == told
