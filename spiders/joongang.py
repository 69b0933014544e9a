from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class JoongAng(Outlet):
    """Korea JoongAng Daily."""

    name = "joongang"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("koreajoongangdaily.joins.com", "koreajoongangdaily.com")
    rights, rights_note = "lead", "refuses robots (403 in 2026): headline and lead by its feed"
    topic = True
    article = r"/\d{4}/\d\d/\d\d/.*?/\d{10,}\.html|/news/\d{4}-\d\d-\d\d/.*\d{5,}"
    key = r"/(\d{10,})\.html|/(\d{5,})(?:$|[?#])"
    sources = (
        Feed(
            "https://koreajoongangdaily.joins.com/xmls/joins",
            verified="U 2026, answered 403 to robots",
        ),
    )
    rules = (
        Rules(
            title="h1.view-article-title",
            body=("#article_body", ".view-article"),
            authors=".article-author, .byline",
            captions="#article_body .caption",
            drop=("#article_body .caption", "#article_body .photo"),
            cut=(r"^BY .{3,60}\[", r"^\[\S+@joongang\.co\.kr\]$"),
        ),
    )
