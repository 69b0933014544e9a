"""The columns of an export: their names, kinds and meanings, declared once for all formats."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    FLAG = "flag"
    TEXTS = "list of texts"
    NUMBERS = "list of numbers"
    DATELINE = "object"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and what a reader of the data must know of it."""

    name: str
    kind: Kind
    meaning: str


ARTICLE: tuple[Column, ...] = (
    Column("id", Kind.NUMBER, "the article's number in the database it comes from"),
    Column("external_id", Kind.TEXT, "its id in the corpus it was imported from"),
    Column("outlet", Kind.TEXT, "who published it"),
    Column("url", Kind.TEXT, "the address that worked last"),
    Column("canonical_url", Kind.TEXT, "the address that the page gives as its own"),
    Column("key", Kind.TEXT, "the outlet's own identifier of the article"),
    Column("title", Kind.TEXT, "the headline of the current version"),
    Column("text", Kind.TEXT, "the body of the current version, paragraphs on lines of their own"),
    Column("lead_text", Kind.TEXT, "the opening paragraph or summary"),
    Column("language", Kind.TEXT, "ISO 639-1 code"),
    Column("authors", Kind.TEXTS, "bylines"),
    Column("section", Kind.TEXT, "the outlet's section"),
    Column("tags", Kind.TEXTS, "the outlet's tags"),
    Column("dateline", Kind.DATELINE, "place, date and agency that open the text, as printed"),
    Column("captions", Kind.TEXTS, "picture captions, which are not in the text"),
    Column("published_at", Kind.TIME, "when the outlet says it was published, UTC"),
    Column("published_precision", Kind.TEXT, "how exactly that is known: second, minute, day ..."),
    Column("published_source", Kind.TEXT, "where on the page or in which listing it was found"),
    Column("published_raw", Kind.TEXT, "the words it was read from"),
    Column("modified_at", Kind.TIME, "when the outlet says it was changed, UTC"),
    Column("first_seen_at", Kind.TIME, "when it was first seen; it appeared before that"),
    Column("last_poll_without_at", Kind.TIME, "the last look that did not show it; it came after"),
    Column("last_captured_at", Kind.TIME, "when its page was last fetched"),
    Column("gone_at", Kind.TIME, "when its page was first found taken away"),
    Column("state", Kind.TEXT, "live, unlisted, missing, gone or restored"),
    Column("page_class", Kind.TEXT, "article (whole) or stub (title and lead alone)"),
    Column("rights", Kind.TEXT, "what the outlet allows: full, lead or none, and a note"),
    Column("rules_version", Kind.TEXT, "the extraction rules that read the page"),
    Column("story", Kind.NUMBER, "the story: all copies of one text have the same"),
    Column(
        "report", Kind.NUMBER, "the report it carries, by the story of that report's lead document"
    ),
    Column("relation", Kind.TEXT, "what it is to the story's lead document; none for that itself"),
    Column("lead", Kind.FLAG, "whether it is its story's lead document"),
    Column("versions", Kind.NUMBER, "how many wordings are held"),
    Column("characters", Kind.NUMBER, "length of the whole text, whether given or not"),
    Column("content_sha256", Kind.TEXT, "SHA-256 of title, a NUL and text, in hex"),
    Column("sketch", Kind.TEXT, "where the text is withheld: its smallest shingle hashes, in hex"),
)
STORY: tuple[Column, ...] = (
    Column("story", Kind.NUMBER, "the story's number in the database it comes from"),
    Column("lead", Kind.NUMBER, "the id of the lead document: agency original, else first"),
    Column("outlet", Kind.TEXT, "the lead document's outlet"),
    Column("url", Kind.TEXT, "the lead document's address"),
    Column("title", Kind.TEXT, "the lead document's headline"),
    Column("text", Kind.TEXT, "the lead document's body"),
    Column("lead_text", Kind.TEXT, "the lead document's opening paragraph"),
    Column("language", Kind.TEXT, "the lead document's language"),
    Column("published_at", Kind.TIME, "the earliest known publication of a member"),
    Column("first_seen_at", Kind.TIME, "when the first member was first seen"),
    Column("size", Kind.NUMBER, "how many articles are members"),
    Column("outlets", Kind.TEXTS, "who printed it, in alphabetical order"),
    Column("members", Kind.NUMBERS, "the ids of the members"),
    Column("urls", Kind.TEXTS, "their addresses, in the same order"),
    Column("external_ids", Kind.TEXTS, "their imported ids, in the same order"),
    Column(
        "report", Kind.NUMBER, "the report it carries, by the story of that report's lead document"
    ),
)
RELATION: tuple[Column, ...] = (
    Column("a", Kind.NUMBER, "the id of one article"),
    Column("b", Kind.NUMBER, "the id of the other"),
    Column("kind", Kind.TEXT, "identical, copy, edited, excerpt, derived or translation"),
    Column("merges", Kind.FLAG, "whether it makes the two one story"),
    Column("jaccard", Kind.SHARE, "shingles in both, of the shingles in either"),
    Column("containment_ab", Kind.SHARE, "share of a's shingles that b has"),
    Column("containment_ba", Kind.SHARE, "share of b's shingles that a has"),
    Column("reason", Kind.TEXT, "why it was found"),
    Column("source", Kind.NUMBER, "the id of the one that was there first, 0 if not known"),
)

FIELD_NAMES: dict[str, dict[str, str]] = {
    "newsplease": {
        "text": "maintext",
        "lead_text": "description",
        "published_at": "date_publish",
        "modified_at": "date_modify",
        "first_seen_at": "date_download",
        "outlet": "source_domain",
    },
    "mediacloud": {
        "id": "stories_id",
        "published_at": "publish_date",
        "outlet": "media_name",
        "first_seen_at": "indexed_date",
        "lead_text": "description",
    },
}
"""What others call the same columns; those that are not named keep their names."""


def renamed(columns: tuple[Column, ...], names: str | None) -> tuple[Column, ...]:
    """The columns under the names of `FIELD_NAMES`. Raises KeyError."""
    if names is None:
        return columns
    others = FIELD_NAMES[names]
    return tuple(Column(others.get(c.name, c.name), c.kind, c.meaning) for c in columns)
