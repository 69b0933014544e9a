"""Reads an answer as `nkwire links` does: of an outlet that nobody declared."""

from datetime import UTC, datetime

from crawler.discovery.source_parser import match_source, parse_source
from crawler.registry import outlet_for
from crawler.sources import Link, ParsedSource, Source

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
SITE = "https://herald.example.org"
FEED_URL = f"{SITE}/feeds/all.xml"
SITEMAP_URL = f"{SITE}/sitemap.xml"
LINK = f"<link>{SITE}/news/1</link>"


def read(
    body: str | bytes, url: str = FEED_URL, source: Source | None = None, header: str = ""
) -> ParsedSource:
    answer = body.encode() if isinstance(body, str) else body
    outlet = outlet_for(url)
    used = source or match_source(outlet, url, answer)
    return parse_source(used, answer, url, outlet, NOW, content_type=header)


def links(body: str | bytes, url: str = FEED_URL, source: Source | None = None) -> list[Link]:
    return read(body, url, source).links


def urls(body: str | bytes, url: str = FEED_URL, source: Source | None = None) -> list[str]:
    return [link.url.removeprefix(SITE) for link in links(body, url, source)]


def titles(body: str | bytes, url: str = FEED_URL, source: Source | None = None) -> list[str]:
    return [link.title for link in links(body, url, source)]


def rss(items: str, attributes: str = "", encoding: str = "UTF-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<rss version="2.0" {attributes}><channel>'
        f"<title>Herald</title><link>{SITE}/</link>{items}</channel></rss>"
    )


def item(title: str, link: str = LINK, rest: str = "") -> str:
    return f"<item><title>{title}</title>{link}{rest}</item>"


def atom(entries: str, attributes: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{entries}</feed>'


def urlset(entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
        f' xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">{entries}</urlset>'
    )
