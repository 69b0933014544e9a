from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Kommersant(Outlet):
    """Kommersant (Коммерсантъ)."""

    name = "kommersant"
    every = timedelta(hours=3)
    languages = ("ru",)
    country, timezone = "RU", "Europe/Moscow"
    hosts = ("kommersant.ru",)
    rights, rights_note = "full", "Kommersant, all rights reserved"
    topic = True
    article = r"kommersant\.ru/doc/\d{5,}"
    key = r"kommersant\.ru/doc/(\d{5,})"
    sources = (Feed("https://www.kommersant.ru/RSS/news.xml", verified="U 2026"),)
    rules = (
        Rules(
            title=("h1.doc_header__name", "h1[itemprop=headline]"),
            lead=".doc_header__subheader",
            body=(
                ".doc_header__subheader, .doc__body p.doc__text:not(.document_authors)",
                ".article_text_wrapper p",
            ),
            authors=(".document_authors", "p.doc__text.document_authors"),
            tags=".doc_footer__item_name",
            captions=".doc_media__caption",
        ),
    )
