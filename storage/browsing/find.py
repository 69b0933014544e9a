"""Finds articles by an address that a person pastes."""

from urllib.parse import urlsplit, urlunsplit

from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.reading.article_queries import select_named

MAX_LETTERS = 4096
"""No stored address is longer."""


def find_address(database: TransactionalEngine, text: str) -> list[int]:
    """Returns the ids of the articles with this URL, canonical URL, key or external id.

    The scheme (http, https or none), a slash at the end and the fragment may differ. Raises TooSlow.
    """
    names = list_spellings(text)
    if not names:
        return []
    with reading_within(database) as connection:
        return select_named(connection, names)


def list_spellings(text: str) -> list[str]:
    """Returns the text, and as an address also its other spellings, without repetition. No I/O."""
    text = text.strip()
    if not text or len(text) > MAX_LETTERS:
        return []
    spellings = {text: None}
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return list(spellings)
    if "." not in parts.netloc or parts.scheme.lower() not in ("http", "https"):
        return list(spellings)
    path = parts.path.rstrip("/")
    for scheme in ("https", "http"):
        for each in (path, f"{path}/"):
            for fragment in ("", parts.fragment):
                address = urlunsplit((scheme, parts.netloc.lower(), each, parts.query, fragment))
                spellings[address] = None
    return list(spellings)
