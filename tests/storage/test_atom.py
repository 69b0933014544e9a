import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from storage.atom import AtomFeed, Entry, format_feed

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_any_text_gives_xml_with_its_words(title: str, summary: str, address: str) -> None:
    entry = Entry(
        id="urn:nkwire:1", title=title, updated_at=NOW, link=address, summary=summary, author=title
    )
    feed = AtomFeed(id="urn:nkwire:f", title=title, updated_at=NOW, entries=[entry])
    root = ET.fromstring(format_feed(feed).encode())
    assert [child.tag.removeprefix(ATOM) for child in root][-2:] == ["updated", "entry"]
    if summary.isascii() and summary.isprintable():
        found = root.findtext(f"{ATOM}entry/{ATOM}summary")
        assert (found or "").split() == summary.split()


def test_a_feed_is_as_new_as_its_newest_entry() -> None:
    def updated(*entries: Entry) -> str | None:
        feed = AtomFeed(id="urn:f", title="F", updated_at=NOW, entries=entries)
        return ET.fromstring(format_feed(feed)).findtext(f"{ATOM}updated")

    old = Entry(id="urn:1", title="A", updated_at=NOW.replace(year=2025), link="/", summary="")
    assert updated() == "2026-03-02T09:00:00Z"
    assert updated(old) == "2025-03-02T09:00:00Z"
