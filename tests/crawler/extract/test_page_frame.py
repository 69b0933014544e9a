"""What speaks against a page being one of its outlet's own, and what does not."""

import pytest

from crawler.extract.extraction import Extraction
from crawler.extract.page.page import Page
from crawler.extract.page_frame import OutletFrame, foreign_reason, page_marks, prints_title
from storage.records import Article, PageClass

WORDS = "The lantern office and the harbour office of the granite coast report on each day. " * 6
MALAY = "Ini adalah situs yang terbaik untuk bermain dengan bonus dari kami pada tahun ini. " * 6
OLD = '<link href="/a.css"><link href="/b.css"><nav id="top" class="menu"><a href="/coast">Coast</a></nav>'
NEW = '<link href="/v2/x.css"><div id="app" class="grid"><a href="/sea">Sea</a></div>'


def read(frame: str, title: str, text: str = WORDS, listed: str = "") -> tuple[Page, Extraction]:
    page = Page(f"<html>{frame}<h1>{title}</h1><p>{text}</p></html>".encode(), "https://a.test/1")
    evidence = {"text": "rules 1", "title": "listing" if listed == title else "rules 1"}
    article = Article(outlet="a", url="https://a.test/1", title=title, text=text)
    return page, Extraction(PageClass.ARTICLE, article, "", evidence=evidence)


def known_frame(*, listed: str = "", pages: int = 5) -> OutletFrame:
    """The frame of an outlet whose pages print `Report N of the coast guard`."""
    frame = OutletFrame()
    for number in range(pages):
        title = f"Report {number} of the coast guard"
        page, extraction = read(OLD, title)
        as_listed = prints_title(extraction, title if listed == "as printed" else listed)
        frame.add(page_marks(page, is_as_listed=as_listed))
    return frame


REWRITTEN = "Zebras marvel beyond yonder fjords"


@pytest.mark.parametrize("pages", [3, 5, 30])
def test_a_redesign_of_an_outlet_that_lists_other_headlines_is_its_own(pages: int) -> None:
    page, extraction = read(NEW, "Guards of the coast begin their year")
    frame = known_frame(listed=REWRITTEN, pages=pages)
    assert not foreign_reason(page, extraction, frame, listed_title=REWRITTEN, languages=("en",))


@pytest.mark.parametrize("pages", [3, 5, 30])
def test_another_headline_in_another_frame_is_foreign_where_the_listed_one_is_usual(
    pages: int,
) -> None:
    page, extraction = read(NEW, "Best of all slots")
    frame = known_frame(listed="as printed", pages=pages)
    assert foreign_reason(page, extraction, frame, listed_title=REWRITTEN, languages=("en",))


def test_pages_without_a_listed_headline_do_not_change_what_is_usual() -> None:
    frame = known_frame(listed="as printed")
    for number in range(40):
        page, _ = read(OLD, f"Report {number} of the coast guard")
        frame.add(page_marks(page, is_as_listed=None))
    page, extraction = read(NEW, "Best of all slots")
    assert foreign_reason(page, extraction, frame, listed_title=REWRITTEN, languages=("en",))


@pytest.mark.parametrize("frame", [OutletFrame(), known_frame(listed="as printed")])
@pytest.mark.parametrize("look", [OLD, NEW])
def test_a_section_in_another_language_is_its_own_if_it_prints_the_listed_headline(
    frame: OutletFrame, look: str
) -> None:
    title = "Kapal baru tiba di pelabuhan utara"
    page, extraction = read(look, title, MALAY)
    assert not foreign_reason(page, extraction, frame, listed_title=title, languages=("en",))


def test_one_common_word_does_not_excuse_another_language_in_another_frame() -> None:
    page, extraction = read(NEW, "Situs report terbaik tahun", MALAY)
    frame = known_frame(listed="as printed")
    listed = "Report 9 of the coast guard"
    assert foreign_reason(page, extraction, frame, listed_title=listed, languages=("en",))


@pytest.mark.parametrize("look", [OLD, NEW])
@pytest.mark.parametrize("pages", [0, 2, 5, 30])
def test_a_page_of_a_listing_without_headlines_is_its_own(look: str, pages: int) -> None:
    page, extraction = read(look, "Guards of the coast begin their year")
    assert not foreign_reason(page, extraction, known_frame(pages=pages), languages=("en",))


def test_a_headline_from_the_listing_alone_is_not_printed() -> None:
    title = "Zebras marvel beyond yonder fjords"
    _, extraction = read(NEW, title, listed=title)
    assert prints_title(extraction, title) is False


SPAM = "Play your favourite slots now, win a bonus, take free spins home before midnight. " * 6
LISTED = "Report 9 of northern guards"


def test_spam_in_the_outlets_own_frame_has_no_word_of_the_listed_headline() -> None:
    page, extraction = read(OLD, "Win a jackpot today", SPAM)
    frame = known_frame(listed="as printed")
    assert foreign_reason(page, extraction, frame, listed_title=LISTED, languages=("en",))


@pytest.mark.parametrize(
    ("title", "text", "listed"),
    [
        ("Guards begin their year", WORDS, "as printed"),
        ("Win a jackpot today", "Read on.", "as printed"),
        ("Win a jackpot today", SPAM, REWRITTEN),
        ("Win a jackpot today", SPAM + "The northern guards sing.", "as printed"),
    ],
    ids=["one word", "no text", "an outlet of other headlines", "a word in the text"],
)
def test_another_headline_in_the_outlets_own_frame_is_its_own(
    title: str, text: str, listed: str
) -> None:
    page, extraction = read(OLD, title, text)
    frame = known_frame(listed=listed)
    assert not foreign_reason(page, extraction, frame, listed_title=LISTED, languages=("en",))
