"""Which of an entry's elements are its title, its lead and its dates."""

from datetime import UTC, datetime

import pytest

from tests.crawler.discovery.reading import LINK, atom, item, links, read, rss, titles

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:m="http://search.yahoo.com/mrss/"'
ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
ATOM = 'xmlns:atom="http://www.w3.org/2005/Atom"'


@pytest.mark.parametrize(
    ("before", "attributes"),
    [
        ("<media:title>Photo</media:title>", MEDIA),
        ("<m:title>Photo</m:title>", MEDIA),
        ("<media:title>Photo</media:title>", ""),
        ("<itunes:title/>", ITUNES),
        ("<itunes:title>Talk</itunes:title>", ""),
        ("<media:group><media:title>Photo</media:title></media:group>", MEDIA),
        ("<image><title>Photo</title><link>/photo</link></image>", ""),
        ("<dc:title>Other</dc:title>", DC),
        ("<atom:title>Other</atom:title>", ATOM),
        ("<title/>", ""),
        ('<x:title xmlns:x="urn:x">Other</x:title>', ""),
    ],
)
def test_the_title_is_the_entrys_own(before: str, attributes: str) -> None:
    entry = item("Lamp lit").replace("<item>", f"<item>{before}")
    assert titles(rss(entry, attributes)) == ["Lamp lit"]


@pytest.mark.parametrize(
    ("title", "attributes"),
    [
        ("<dc:title>Lamp lit</dc:title>", DC),
        ("<atom:title>Lamp lit</atom:title>", ATOM),
        ("<title/><dc:title>Lamp lit</dc:title>", DC),
    ],
)
def test_dublin_core_and_atom_stand_in_for_a_missing_title(title: str, attributes: str) -> None:
    assert titles(rss(f"<item>{title}{LINK}</item>", attributes)) == ["Lamp lit"]


@pytest.mark.parametrize(
    "body",
    [
        rss(item("Lamp lit"), 'xmlns="http://www.w3.org/2005/Atom"'),
        rss(item("Lamp lit"), 'xmlns="http://backend.userland.com/rss2"'),
        rss(item("Lamp lit").replace("<item>", '<item xmlns="http://purl.org/rss/1.0/">')),
        atom("<entry><title>Lamp lit</title><link href='/news/1'/></entry>"),
        (
            '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Lamp lit</a:title>'
            '<a:link href="/news/1"/></a:entry></a:feed>'
        ),
        (
            "<atom:feed><atom:entry><atom:title>Lamp lit</atom:title><atom:link href='/news/1'/>"
            "</atom:entry></atom:feed>"
        ),
        (
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Lamp lit</title>'
            '<link rel="alternate" type="text/html" href="/news/1"/></entry></feed>'
        ),
    ],
)
def test_a_feed_may_be_in_any_namespace(body: str) -> None:
    assert titles(body) == ["Lamp lit"]


@pytest.mark.parametrize(
    "dates",
    [
        "<updated>2026-07-19T00:00:00Z</updated><pubDate>Sat, 18 Jul 2026 03:00:00 +0000</pubDate>",
        "<dc:date>2026-07-18T03:00:00Z</dc:date>",
        (
            "<dcterms:modified>2026-07-19T00:00:00Z</dcterms:modified>"
            "<dcterms:created>2026-07-18T03:00:00Z</dcterms:created>"
        ),
        "<media:pubDate>2020-01-01</media:pubDate><published>2026-07-18T03:00:00Z</published>",
        "<pubDate> </pubDate><dc:date>2026-07-18T03:00:00Z</dc:date>",
        "<pubDate>soon</pubDate><dc:date>2026-07-18T03:00:00Z</dc:date>",
        "<pubDate>\n<![CDATA[ Sat, 18 Jul 2026 03:00:00 +0000 ]]>\n</pubDate>",
        "<atom:updated>2026-07-18T03:00:00Z</atom:updated>",
    ],
)
def test_the_date_is_that_of_publication_before_that_of_an_edit(dates: str) -> None:
    (link,) = links(rss(item("A", rest=dates), f"{DC} {ATOM} {MEDIA}"))
    assert link.published_at == datetime(2026, 7, 18, 3, tzinfo=UTC)


def test_the_lead_is_not_the_description_of_a_picture() -> None:
    rest = "<media:description>A pier</media:description><description>The lamp burns.</description>"
    (link,) = links(rss(item("A", rest=rest), MEDIA))
    assert link.lead == "The lamp burns."


def test_an_empty_feed_is_no_fault() -> None:
    for body in (rss(""), "<rss/>", atom(""), '<rdf:RDF xmlns:rdf="x"/>'):
        found = read(body)
        assert (found.links, found.problems) == ([], [])
