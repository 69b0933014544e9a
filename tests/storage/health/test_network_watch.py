"""An outage of our own network is noticed within a few runs, and so is its end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cli.commands.crawl import network_question
from storage.counts import Count
from storage.health.network_watch import NetworkWatch
from storage.records import Run, RunOutcome

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SILENT = {Count.SOURCE_UNREACHABLE: 1, Count.WHY_DNS: 1}
ANSWERED = {Count.SOURCE_OK: 1}


def a_run(outlet: str, counts: dict[Count, int], minutes: int = 0) -> Run:
    outcome = RunOutcome.UNREACHABLE if Count.SOURCE_UNREACHABLE in counts else RunOutcome.OK
    return Run(
        outlet=outlet,
        started_at=NOW + timedelta(minutes=minutes),
        outcome=outcome,
        counts={str(name): number for name, number in counts.items()},
    )


def test_the_fifth_outlet_without_an_answer_asks_whether_the_network_is_out() -> None:
    watch = NetworkWatch()
    said = [watch.observe(a_run(str(number), SILENT), 71) for number in range(8)]
    assert said[:4] == ["", "", "", ""]
    assert said[4].startswith(
        "Is this machine's network out? 5 outlets of 5 could not be reached since 12:00 UTC: "
        "no host name has an address. Check the cable or Wi-Fi"
    )
    assert said[5:] == ["", "", ""]
    assert "8 outlets of 8" in watch.question
    assert watch.is_quiet_about(a_run("3", SILENT))
    over = watch.observe(a_run("9", ANSWERED), 71)
    assert over.startswith("the network is back: 9 answered; it seemed to be out for ")
    assert watch.question == ""


def test_hosts_that_have_an_address_and_do_not_answer_are_said_so() -> None:
    watch = NetworkWatch()
    for number in range(3):
        watch.observe(a_run(str(number), {Count.SOURCE_UNREACHABLE: 2}), 3)
    assert (
        "3 outlets of 3 could not be reached since 12:00 UTC: no host answered." in watch.question
    )


def test_one_outlet_that_fails_again_and_again_says_nothing_about_the_network() -> None:
    watch = NetworkWatch()
    assert not any(watch.observe(a_run("kcna", SILENT, minute), 71) for minute in range(20))


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([SILENT, ANSWERED, {}]))),
    st.integers(min_value=1, max_value=100),
)
def test_the_question_stands_while_enough_outlets_gave_no_answer_since_the_last_one(
    runs: list[tuple[str, dict[Count, int]]], outlet_count: int
) -> None:
    watch, silent = NetworkWatch(), set[str]()
    for name, counts in runs:
        had_question = bool(watch.question)
        said = watch.observe(a_run(name, counts), outlet_count)
        silent = set() if counts == ANSWERED else silent | ({name} if counts else set())
        assert bool(watch.question) is (len(silent) >= max(3, min(5, outlet_count)))
        assert bool(said) is (bool(watch.question) is not had_question)


def test_a_crawl_of_several_outlets_asks_too() -> None:
    assert network_question([a_run(name, SILENT) for name in "abc"]).startswith("Is this machine's")
    assert network_question([a_run("a", SILENT), a_run("b", SILENT)]) == ""
    assert network_question([*(a_run(name, SILENT) for name in "abc"), a_run("d", ANSWERED)]) == ""
