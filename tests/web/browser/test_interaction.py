"""What a person does with the pages: keys, comparing without script, printing."""

import pytest
from playwright.sync_api import Page

from tests.web.browser.conftest import Visiting
from tests.web.press import Press

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    words: str = page.evaluate("document.activeElement.innerText || document.activeElement.id")
    return words.strip()


def test_the_tab_key_reaches_the_main_controls_in_reading_order(
    press: Press, visiting: Visiting
) -> None:
    with visiting() as visit:
        visit.page.goto(f"{press.site.url}/reports/{press.ids['report']}")
        reached = []
        for _ in range(60):
            visit.page.keyboard.press("Tab")
            reached.append(focused(visit.page))
        assert reached[0] == "Skip to content"
        order = [reached.index(each) for each in ("nkwire", "Today", "Reports", "q", "Cite")]
        assert order == sorted(order)
        visible: str = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert visible != "none"


def test_the_skip_link_leads_to_the_content(press: Press, visiting: Visiting) -> None:
    with visiting() as visit:
        visit.page.goto(f"{press.site.url}/outlets")
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        assert visit.page.url.endswith("#main")


def test_j_k_and_enter_walk_through_a_list(press: Press, visiting: Visiting) -> None:
    with visiting() as visit:
        visit.page.goto(f"{press.site.url}/reports")
        visit.page.keyboard.press("j")
        first = focused(visit.page)
        visit.page.keyboard.press("j")
        second = focused(visit.page)
        visit.page.keyboard.press("k")
        assert first
        assert first != second
        assert focused(visit.page) == first
        with visit.page.expect_navigation():
            visit.page.keyboard.press("Enter")
        assert "/reports/" in visit.page.url
        assert visit.complaints == []


def test_a_slash_goes_to_the_search_box_and_a_question_mark_lists_the_keys(
    press: Press, visiting: Visiting
) -> None:
    with visiting() as visit:
        visit.page.goto(f"{press.site.url}/reports")
        visit.page.keyboard.press("/")
        assert focused(visit.page) == "q"
        visit.page.keyboard.type("j?")
        assert visit.page.input_value("#q") == "j?"
        visit.page.keyboard.press("Escape")
        visit.page.keyboard.press("?")
        assert visit.page.locator("dialog[open]").count() == 1
        visit.page.keyboard.press("Escape")
        assert visit.page.locator("dialog[open]").count() == 0
        assert visit.complaints == []


def test_two_members_are_compared_without_script(press: Press, visiting: Visiting) -> None:
    with visiting(java_script_enabled=False) as visit:
        visit.page.goto(f"{press.site.url}/reports/{press.ids['report']}")
        first = visit.page.locator(f'input[name=a][value="{press.ids["original"]}"]')
        second = visit.page.locator(f'input[name=b][value="{press.ids["edited"]}"]')
        first.check(force=True)
        second.check(force=True)
        with visit.page.expect_navigation():
            visit.page.get_by_role("button", name="Compare A with B").click()
        assert visit.page.locator("mark.only-a, mark.only-b, mark.shared").count() > 1
        assert "hostile forces" in visit.page.inner_text("main")


def test_a_search_works_without_script(press: Press, visiting: Visiting) -> None:
    with visiting(java_script_enabled=False) as visit:
        visit.page.goto(f"{press.site.url}/about")
        visit.page.fill("#q", "Sinuiju")
        with visit.page.expect_navigation():
            visit.page.get_by_role("button", name="Search").click()
        assert visit.page.locator("main mark").count() > 0


@pytest.mark.parametrize("address", ["/reports/{report}", "/articles/{original}"])
def test_a_page_is_printed_without_its_controls(
    press: Press, visiting: Visiting, address: str
) -> None:
    with visiting() as visit:
        visit.page.goto(press.site.url + address.format_map(press.ids))
        visit.page.emulate_media(media="print")
        assert not visit.page.locator("form.find").is_visible()
        assert visit.page.locator("h1").is_visible()
        pdf = visit.page.pdf(format="A4")
        assert pdf.startswith(b"%PDF-")
        assert len(pdf) > 5_000


def test_text_at_twice_its_size_still_fits(press: Press, visiting: Visiting) -> None:
    with visiting(640) as visit:
        for address in ("/", "/reports/{report}", "/outlets", "/changes"):
            visit.page.goto(press.site.url + address.format_map(press.ids))
            # Not an inline style: the policy of the pages forbids these.
            visit.page.evaluate("document.styleSheets[0].insertRule('html { font-size: 200% }')")
            assert visit.overflow() <= 0, address
