"""What one answer says of a known article."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Request
from scrapy.settings import Settings

from crawler.crawl.options import CrawlOptions
from crawler.crawl.session import Session
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.revisits import conditional_headers, interpret_response
from crawler.sources import Listing
from storage.changes.rows import DueArticle
from storage.identity import compute_identity
from storage.records import CaptureOutcome

URL = "https://herald.test/news/17"
TEXT = " ".join(f"Sentence {n} tells of the dairy farm in the county." for n in range(20))
PAGE = f"<html><body><article><h1>Farm opened</h1><p>{TEXT}</p></article></body></html>"
DUE = DueArticle(
    article_id=1,
    identity=compute_identity("", "", URL),
    url=URL,
    key="",
    canonical_url="",
    due_at=datetime(2026, 3, 1, tzinfo=UTC),
    is_suspect=False,
    published_at=None,
    published_precision="",
    text_length=len(TEXT),
)


class Herald(Outlet):
    """An invented outlet."""

    name = "herald"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "US", "UTC"
    hosts = ("herald.test",)
    rights = "full"
    sources = (Listing("https://herald.test/", item="li"),)
    article = r"/news/\d+"
    rules = (Rules(title="h1", body="article p"),)


def answer(body: str = PAGE, url: str = URL, status: int = 200) -> HtmlResponse:
    return HtmlResponse(url, status=status, body=body.encode(), request=Request(URL))


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (answer(), "None"),
        (answer(status=304), "not-modified"),
        (answer(status=404), "gone"),
        (answer(status=410), "gone"),
        (answer(status=503), "unclear: HTTP status 503"),
        (answer(status=403), "unclear: HTTP status 403"),
        (answer("<html><title>NULL</title>NULL</html>"), "gone: no text found"),
        (answer(url="https://herald.test/"), "gone: redirects to https://herald.test/"),
        (answer(url="https://herald.test/news/18"), "moved to https://herald.test/news/18"),
        (answer(url="https://www.herald.test/news/17"), "None"),
    ],
    ids=["there", "304", "404", "410", "503", "403", "null", "front", "moved", "www"],
)
def test_answers_are_told_apart(response: HtmlResponse, outcome: str) -> None:
    assert str(interpret_response(response, DUE, Herald)[0]) == outcome


def test_an_error_page_with_status_200_is_not_the_article() -> None:
    page = "<html><title>Page not found</title><body><h1>Page not found</h1></body></html>"
    result, article, _ = interpret_response(answer(page), DUE, Herald)
    assert result is not None
    assert result.outcome is CaptureOutcome.GONE
    assert article is None


def test_a_page_that_only_the_listing_dates_may_be_null_too() -> None:
    known = replace(DUE, published_at=datetime(2026, 3, 1, tzinfo=UTC), published_precision="day")
    null = answer("<html><title>NULL</title>NULL</html>")
    result, *_ = interpret_response(null, known, Herald)
    assert result is not None
    assert result.outcome is CaptureOutcome.GONE


def test_a_captcha_says_nothing_of_the_article() -> None:
    page = "<html><title>Just a moment...</title><body>Verify you are human</body></html>"
    result, *_ = interpret_response(answer(page), DUE, Herald)
    assert result is not None
    assert result.outcome is CaptureOutcome.UNCLEAR


def test_a_new_slug_makes_no_second_article() -> None:
    canonical = '<link rel="canonical" href="https://herald.test/news/17-farm-closed">'
    result, article, _ = interpret_response(
        answer(PAGE.replace("<body>", canonical + "<body>")), DUE, Herald
    )
    assert result is None
    assert article is not None
    assert compute_identity(article.key, article.canonical_url, article.url) == DUE.identity


def test_only_known_validators_are_sent() -> None:
    assert conditional_headers(DUE) == {}
    assert conditional_headers(replace(DUE, etag='"a"')) == {"If-None-Match": '"a"'}


def test_a_setting_that_is_gone_names_the_new_way(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    session = Session(Herald, CrawlOptions(home=tmp_path))
    session.set_limits(Settings({"NKWIRE_REVISIT": [(24, 3)]}))
    assert "use `nkwire revisits herald --ages`" in caplog.text
