"""A mark right behind a closing quotation mark parts the headline from the site's name."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.extraction import Extraction
from crawler.extract.fields.title_tails import iter_cuts, remove_site_name

SITE = "Ferry Post"


@pytest.mark.parametrize("mark", ["|", "·", "•", "<", "/", "-", "–", "—", "::", "»", "›", "｜"])
@pytest.mark.parametrize(
    "headline",
    ["The ferry «Aurora»", "Паром «Заря»", "渡轮《灯火》", "영화 《등대》", "Le bac « Aurore »"],
)
def test_the_name_behind_a_quotation_goes(headline: str, mark: str) -> None:
    assert remove_site_name(f"{headline} {mark} {SITE}", [SITE]) == headline


@given(st.text(st.sampled_from("ab «»《》|·› -"), max_size=40))
def test_the_parts_of_a_cut_are_parts_of_the_title(title: str) -> None:
    for cut in iter_cuts(title):
        assert title.startswith(cut.head)
        assert title[cut.end :].strip()
        assert len(cut.head) < cut.end


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("Nets &amp;amp; boats on the pier", "Nets & boats on the pier"),
        ("&amp;quot;Aurora&amp;quot; sails north", '"Aurora" sails north'),
        ("The pier&amp;#39;s long night", "The pier's long night"),
        ("Nets & boats on the pier", "Nets & boats on the pier"),
        ("R&amp;D; a new ferry", "R&D; a new ferry"),
    ],
)
def test_a_heading_that_is_escaped_twice_is_read_once(
    printed: str, title: str, read_html: Callable[..., Extraction]
) -> None:
    html = f"<html><head><title>Ferry Post</title></head><body><h1>{printed}</h1><p>{'A ferry sails. ' * 40}</p></body></html>"
    article = read_html(html).article
    assert article is not None
    assert article.title == title
