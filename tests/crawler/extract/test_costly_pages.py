"""No page costs more than six seconds of CPU or 300 MB, whatever is in it."""

import os
import re
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import trial
from crawler.extract import page as page_package
from crawler.extract.extraction import HOSTILE, Extraction, extract_page
from crawler.extract.page import guard
from crawler.extract.page.page import Page
from crawler.extract.page.robots_rules import archiving_ban_of_source
from crawler.registry import make_generic_outlet
from storage.records import PageClass
from tests.crawler.extract.hostile_kinds import SENTENCE, STALLING

pytestmark = pytest.mark.threats("S6")
MAX_CPU_SECONDS, MAX_BYTES = 6.0, 300 << 20  # beside the 200 MB of a run
PLAIN = "<html><title>Rain is expected</title><h1>Rain is expected</h1>{}<p>{}</p></html>"
QUICK = ("crowded-in-textarea", "line-breaks")
URL = "https://example.com/a"


def page_of(html: str) -> Page:
    return Page(PLAIN.format(html, SENTENCE * 9).encode(), URL)


def read(html: str) -> Extraction:
    return extract_page(page_of(html), make_generic_outlet("example.com"))


@pytest.mark.parametrize("kind", QUICK)
def test_a_page_of_a_megabyte_is_read_or_refused_within_the_limits(kind: str) -> None:
    cpu, peak = cost_of(lambda: read(STALLING[kind](1_000_000)))
    assert cpu <= MAX_CPU_SECONDS
    assert peak <= MAX_BYTES


@pytest.mark.slow
def test_a_page_of_any_kind_costs_three_times_the_limit_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a fifth of the limit, so that all kinds together take half a minute.

    What a page costs beside its trial does not shrink with the limit.
    """
    monkeypatch.setattr("crawler.trial.CPU_SECONDS", trial.CPU_SECONDS / 5)
    bodies = ((kind, make(1_000_000)) for kind, make in STALLING.items())
    costs = {kind: cost_of(lambda body=body: read(body)) for kind, body in bodies}  # type: ignore[misc]
    dear = {kind: cost for kind, cost in costs.items() if cost[0] > MAX_CPU_SECONDS / 5 + 0.5}
    assert (dear, {kind for kind, cost in costs.items() if cost[1] > MAX_BYTES}) == ({}, set())


@pytest.mark.slow
def test_a_page_that_is_not_tried_costs_little() -> None:
    """The largest page of each kind that counts as cheap."""
    costs, outlet = {}, make_generic_outlet("example.com")
    for kind, make in STALLING.items():
        pages = (page_of(make(1000 * 2**power)) for power in range(10, -1, -1))
        cheap = next((page for page in pages if page.is_cheap), None)
        if cheap:
            costs[kind] = cost_of(lambda page=cheap: extract_page(page, outlet))[0]  # type: ignore[misc]
    assert costs
    assert {kind: cost for kind, cost in costs.items() if cost > MAX_CPU_SECONDS} == {}


def test_a_refused_page_says_why() -> None:
    reading = read(STALLING["crowded"](1_000_000))
    assert reading.page_class is PageClass.ERROR
    assert reading.reason == "hostile page: more than 2 s of CPU to read"
    assert reading.flags == (HOSTILE,)


def test_a_page_with_many_attributes_that_costs_little_is_read() -> None:
    reading = read("<div " + " ".join(f"a{n}=1" for n in range(2000)) + "></div>")
    assert reading.page_class is PageClass.ARTICLE


def test_the_robots_rule_of_a_hostile_page_costs_little() -> None:
    html = '<meta name=robots content="index">' + STALLING["crowded"](1_000_000)
    page = Page((html + '<meta name=robots content="noarchive">').encode(), URL)
    cpu, _ = cost_of(lambda: archiving_ban_of_source(page))
    assert cpu <= 2.0
    assert archiving_ban_of_source(Page(b"<meta name=robots content=noarchive>", URL))


def test_every_parser_is_behind_a_check() -> None:
    """By construction: HTML is parsed in two places, and each of them asks for a trial first."""
    root = Path(page_package.__file__).parents[2]
    places = {
        path.name: path.read_text().count("trial.require(")
        for path in root.rglob("*.py")
        if re.search(r"LexborHTMLParser\((?!b\"\")", path.read_text())
    }
    assert set(places) == {"page.py", "article_text.py"}
    assert all(places.values())


@given(
    st.integers(0, 700),
    st.sampled_from([" ", "/", "\n", "\t ", '="" ', "='>' ", "=b ", '=b"=c ', " =x "]),
)
def test_a_tag_with_too_many_attributes_never_counts_as_cheap(count: int, separator: str) -> None:
    tag = "<i " + "".join(f"a{n}{separator}" for n in range(count + guard.MAX_TAG_ATTRIBUTES)) + ">"
    for opening in ("", "<textarea><!--</textarea>", "<!-- ", "<title><script></title>", "<a b='"):
        assert not guard.is_cheap(opening + tag)


@given(st.text("<>/ =\"'ab", max_size=300))
def test_any_mixture_is_judged(text: str) -> None:
    assert guard.is_cheap(text)


def cost_of(work: Callable[[], object]) -> tuple[float, int]:
    """CPU of some work and of its children in seconds, and by how much memory grows, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    pid = os.fork()
    if not pid:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
            work()
        finally:
            os._exit(0)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime, (usage.ru_maxrss << 10) - pages * resource.getpagesize()
