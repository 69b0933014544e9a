import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.setup.checks.finding import Status
from cli.setup.checks.machine import judge_time_zones
from cli.setup.checks.network import clock_offset, judge_clock, judge_network, judge_robots
from crawler.outlet import Outlet
from crawler.processes.host_probe import HostAnswer, choose_hosts
from crawler.registry import outlets

DATE, AT = "Sun, 01 Mar 2026 12:00:00 GMT", 1772366400.0


def answer(offset: float = 0.0, **fields: object) -> HostAnswer:
    given = {"status": 200, "date": DATE, "received_at": AT + offset, "sources": 3} | fields
    return HostAnswer("kcna", "www.kcna.kp", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("offsets", "status", "words"),
    [
        ((0.4, 1.2), Status.OK, "2 hosts"),
        ((60.0,), Status.WARNING, "0:01:00 ahead of 1 host"),
        ((-172800.0, -172800.0), Status.PROBLEM, "2 days, 0:00:00 behind 2 hosts"),
        ((0.0, 0.5, 86400.0), Status.OK, ""),
        ((), Status.WARNING, "not compared"),
    ],
    ids=["right", "a minute", "two days", "one host is wrong", "no answer"],
)
def test_the_clock_is_compared_with_most_hosts(
    offsets: tuple[float, ...], status: Status, words: str
) -> None:
    said = judge_clock([answer(each) for each in offsets])
    assert said.status is status
    assert words in said.detail


def test_a_clock_that_jumps_meanwhile_is_told() -> None:
    assert judge_clock([answer()], jump=-3600).status is Status.WARNING


def test_the_age_of_a_kept_answer_counts() -> None:
    assert clock_offset(answer(600.0, age="600")) == pytest.approx(0)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_host_that_sends_nonsense_says_nothing_about_the_clock(date: str, age: str) -> None:
    clock_offset(answer(date=date, age=age))
    assert clock_offset(answer(date="", age=age)) is None


def test_one_answer_shows_that_there_is_a_network() -> None:
    silent = answer(status=0, problem="the host name has no address", is_dns=True, date="")
    assert judge_network([answer(status=503), silent]).status is Status.WARNING
    said = judge_network([silent, silent])
    assert (said.status, "resolv.conf" in said.advice) == (Status.PROBLEM, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"forbidden": ("a", "b")}, "forbids 2 of 3 sources of kcna"),
        ({"status": 403}, "answers 403: maybe it blocks"),
        ({"status": 503}, "nothing may be fetched"),
    ],
)
def test_a_host_that_lets_nkwire_read_nothing_is_named(
    fields: dict[str, object], words: str
) -> None:
    said = judge_robots([answer(0.0, **fields)])
    assert (said.status, words in said.detail) == (Status.WARNING, True)
    for status in (200, 301, 404):
        assert judge_robots([answer(status=status)]).status is Status.OK


def test_a_host_that_sends_on_is_not_said_to_allow_anything() -> None:
    line = "the redirect of www.kcna.kp ({}) is not followed"
    assert judge_robots([answer(status=301)]).detail == line.format(301)
    said = judge_robots([answer(), answer(status=302)]).detail
    assert said == f"www.kcna.kp allow the sources; {line.format(302)}"


def test_hosts_of_different_countries_are_chosen_and_agencies_first() -> None:
    chosen = choose_hosts(outlets().values(), 3)
    assert len(set(chosen.values())) == 3
    assert next(iter(chosen)) == "kcna"
    assert len({outlets()[name].country for name in chosen}) == 3
    assert choose_hosts([outlets()["yonhap"]] * 2, 3) == {"yonhap": "en.yna.co.kr"}
    assert choose_hosts(list[type[Outlet]](), 3) == {}


def test_a_time_zone_that_python_does_not_know_is_named() -> None:
    said = judge_time_zones(["Asia/Pyongyang", "Asia/Nowhere"])
    assert (said.status, said.detail) == (Status.PROBLEM, "unknown: Asia/Nowhere")
    assert judge_time_zones(["Asia/Pyongyang"]).status is Status.OK
