"""Every page in a real browser: axe, console, other hosts, width, and valid HTML."""

import pytest

from tests.web.addresses import addresses
from tests.web.browser.conftest import Scheme, Visiting
from tests.web.markup import html_errors
from tests.web.press import Press

pytestmark = pytest.mark.browser
NARROW = 320
EVEN, ODD, ALL = slice(0, None, 2), slice(1, None, 2), slice(None)
"""Each quick test looks at half of the pages, one address each; the slow ones at all addresses."""


@pytest.mark.parametrize(
    ("width", "scheme", "part"),
    [
        (1280, "light", EVEN),
        (390, "dark", ODD),
        pytest.param(1280, "dark", ALL, marks=pytest.mark.slow),
        pytest.param(390, "light", ALL, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_and_nothing_overflows(
    press: Press, visiting: Visiting, width: int, scheme: Scheme, part: slice
) -> None:
    found: list[str] = []
    with visiting(width, scheme) as visit:
        for address in addresses(press.ids, None if part == ALL else 1)[part]:
            answer = visit.page.goto(press.site.url + address)
            assert answer is not None
            assert answer.status == 200, address
            found += [f"{address} {each}" for each in visit.violations()]
            found += [f"{address} is {visit.overflow()} px too wide"] if visit.overflow() else []
        found += visit.complaints
    assert found == [], "\n".join(found)


def test_the_narrowest_window_has_no_horizontal_bar(press: Press, visiting: Visiting) -> None:
    with visiting(NARROW) as visit:
        wide = {}
        for address in addresses(press.ids):
            visit.page.goto(press.site.url + address)
            wide[address] = visit.overflow()
    assert {address: pixels for address, pixels in wide.items() if pixels} == {}


def test_every_page_is_valid_html(press: Press) -> None:
    found = []
    for address in [*addresses(press.ids), "/nothing", "/articles/999999"]:
        answer = press.site.get(address)
        if "location" not in answer.headers:
            found += [f"{address}: {each}" for each in html_errors(answer.body)]
    assert found == []
