"""What the script adds beyond keys for rows: keys for pages, and what is new since the last visit."""

import pytest

from tests.web.browser.conftest import Visiting
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
MAX_SCRIPT_BYTES = 4_096


def test_n_and_p_go_to_the_next_and_the_previous_page(site: Site, visiting: Visiting) -> None:
    with visiting() as visit:
        visit.page.goto(f"{site.url}/days/2026-03-03")
        visit.page.keyboard.press("p")
        visit.page.wait_for_url(f"{site.url}/days/2026-03-02")
        visit.page.keyboard.press("n")
        visit.page.wait_for_url(f"{site.url}/days/2026-03-03")
        assert visit.complaints == []


def test_the_link_to_the_keys_opens_and_the_question_mark_closes_them(
    site: Site, visiting: Visiting
) -> None:
    with visiting() as visit:
        visit.page.goto(f"{site.url}/days/2026-03-02")
        keys = visit.page.locator("#keys-dialog")
        visit.page.get_by_role("link", name="Keys", exact=True).click()
        assert keys.is_visible()
        visit.page.keyboard.press("?")
        assert not keys.is_visible()
        assert visit.complaints == []


def test_what_is_new_since_the_last_visit_is_marked(site: Site, visiting: Visiting) -> None:
    with visiting() as visit:
        page = visit.page
        page.goto(f"{site.url}/days/2026-03-02")
        assert page.locator(".is-new").count() == 0
        page.goto(f"{site.url}/days/2026-03-03")
        assert page.locator(".is-new").count() == 2
        assert page.locator(".new-since").text_content() == "2 on this page since your last visit"
        page.goto(f"{site.url}/days/2026-03-02")
        assert page.locator(".is-new").count() == 0
        assert visit.complaints == []


def test_the_script_is_small(site: Site) -> None:
    address = site.get("/about").text.split('<script src="')[1].split('"')[0]
    assert len(site.get(address).body) <= MAX_SCRIPT_BYTES
