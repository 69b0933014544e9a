"""Defines the columns of an export for all formats: name, kind and meaning."""

from dataclasses import dataclass
from enum import StrEnum


class ColumnKind(StrEnum):
    """The type of the values of a column. A share is a number from 0 to 1."""

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
    """A column of an export. `meaning`: its description for readers of the data."""

    name: str
    kind: ColumnKind
    meaning: str


ARTICLE_COLUMNS: tuple[Column, ...] = (
    Column("id", ColumnKind.NUMBER, "the article's number in the database it comes from"),
    Column("external_id", ColumnKind.TEXT, "its id in the corpus it was imported from"),
    Column("outlet", ColumnKind.TEXT, "who published it"),
    Column("url", ColumnKind.TEXT, "the address that worked last"),
    Column("canonical_url", ColumnKind.TEXT, "the address that the page gives as its own"),
    Column("key", ColumnKind.TEXT, "the outlet's own identifier of the article"),
    Column("title", ColumnKind.TEXT, "the headline of the current version"),
    Column(
        "text", ColumnKind.TEXT, "the body of the current version, paragraphs on lines of their own"
    ),
    Column("lead_text", ColumnKind.TEXT, "the opening paragraph or summary"),
    Column("language", ColumnKind.TEXT, "ISO 639-1 code"),
    Column("authors", ColumnKind.TEXTS, "bylines"),
    Column("section", ColumnKind.TEXT, "the outlet's section"),
    Column("tags", ColumnKind.TEXTS, "the outlet's tags"),
    Column(
        "dateline", ColumnKind.DATELINE, "place, date and agency that open the text, as printed"
    ),
    Column("captions", ColumnKind.TEXTS, "picture captions, which are not in the text"),
    Column("published_at", ColumnKind.TIME, "when the outlet says it was published, UTC"),
    Column("published_precision", ColumnKind.TEXT, "its precision: second, minute, day ..."),
    Column(
        "published_source", ColumnKind.TEXT, "where on the page or in which listing it was found"
    ),
    Column("published_raw", ColumnKind.TEXT, "the text it was read from"),
    Column("modified_at", ColumnKind.TIME, "when the outlet says it was changed, UTC"),
    Column("first_seen_at", ColumnKind.TIME, "when it was first seen; it appeared before that"),
    Column(
        "last_poll_without_at",
        ColumnKind.TIME,
        "the last poll that did not list it; it appeared after that",
    ),
    Column("last_captured_at", ColumnKind.TIME, "when its page was last fetched"),
    Column("gone_at", ColumnKind.TIME, "when its page was first found deleted"),
    Column("state", ColumnKind.TEXT, "live, unlisted, missing, gone or restored"),
    Column("page_class", ColumnKind.TEXT, "article (whole) or stub (title and lead only)"),
    Column(
        "statement_level",
        ColumnKind.TEXT,
        "who speaks in the statement that it prints or reports: government, foreign-ministry,"
        " spokesperson, official, department, q-and-a, commentary or unknown",
    ),
    Column("rights", ColumnKind.TEXT, "what the outlet allows: full, lead or none, and a note"),
    Column("rules_version", ColumnKind.TEXT, "the extraction rules that read the page"),
    Column("story", ColumnKind.NUMBER, "the story: all copies of one text have the same"),
    Column(
        "report",
        ColumnKind.NUMBER,
        "the number of the report it carries",
    ),
    Column(
        "relation",
        ColumnKind.TEXT,
        "its relation to the story's lead document; none for the lead document itself",
    ),
    Column("lead", ColumnKind.FLAG, "whether it is its story's lead document"),
    Column("versions", ColumnKind.NUMBER, "how many versions are stored"),
    Column("characters", ColumnKind.NUMBER, "length of the whole text, also where it is left out"),
    Column("content_sha256", ColumnKind.TEXT, "SHA-256 of title, a NUL and text, in hex"),
    Column(
        "sketch",
        ColumnKind.TEXT,
        "the text's smallest shingle hashes, in hex, where the text is left out",
    ),
    Column(
        "identity",
        ColumnKind.TEXT,
        "what identifies it within its outlet: SHA-256 of its key or address, in hex",
    ),
    Column(
        "seen_at",
        ColumnKind.TIME,
        "first_seen_at, but none where only the time of an import is known",
    ),
    Column(
        "outlet_rank",
        ColumnKind.NUMBER,
        "how near the source its outlet is: 0 the agency itself, 1 a wire, 9 others",
    ),
)
STORY_COLUMNS: tuple[Column, ...] = (
    Column("story", ColumnKind.NUMBER, "the story's number in the database it comes from"),
    Column("lead", ColumnKind.NUMBER, "the id of the lead document: agency original, else first"),
    Column("outlet", ColumnKind.TEXT, "the lead document's outlet"),
    Column("url", ColumnKind.TEXT, "the lead document's address"),
    Column("title", ColumnKind.TEXT, "the lead document's headline"),
    Column("text", ColumnKind.TEXT, "the lead document's body"),
    Column("lead_text", ColumnKind.TEXT, "the lead document's opening paragraph"),
    Column("language", ColumnKind.TEXT, "the lead document's language"),
    Column("statement_level", ColumnKind.TEXT, "the lead document's statement level"),
    Column("published_at", ColumnKind.TIME, "the earliest known publication of a member"),
    Column("published_precision", ColumnKind.TEXT, "its precision: second, minute, day ..."),
    Column("first_seen_at", ColumnKind.TIME, "when the first member was first seen"),
    Column("size", ColumnKind.NUMBER, "how many articles are members"),
    Column("outlets", ColumnKind.TEXTS, "who printed it, in alphabetical order"),
    Column("members", ColumnKind.NUMBERS, "the ids of the members"),
    Column("urls", ColumnKind.TEXTS, "their addresses, in the same order"),
    Column("external_ids", ColumnKind.TEXTS, "their imported ids, in the same order"),
    Column(
        "report",
        ColumnKind.NUMBER,
        "the number of the report it carries",
    ),
)
RELATION_COLUMNS: tuple[Column, ...] = (
    Column("a", ColumnKind.NUMBER, "the id of one article"),
    Column("b", ColumnKind.NUMBER, "the id of the other"),
    Column("kind", ColumnKind.TEXT, "identical, copy, edited, excerpt, derived or translation"),
    Column("merges", ColumnKind.FLAG, "whether it joins the two in one story"),
    Column("jaccard", ColumnKind.SHARE, "shingles in both, of the shingles in either"),
    Column("containment_ab", ColumnKind.SHARE, "share of a's shingles that b has"),
    Column("containment_ba", ColumnKind.SHARE, "share of b's shingles that a has"),
    Column("reason", ColumnKind.TEXT, "why it was found"),
    Column(
        "source",
        ColumnKind.NUMBER,
        "the id of the one that counts as the first: by rank, else by publication, else by first sight; 0 if not known",
    ),
)

FOREIGN_FIELD_NAMES: dict[str, dict[str, str]] = {
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
"""The names of columns in other projects. All other columns keep their names."""


def rename_columns(columns: tuple[Column, ...], project: str | None) -> tuple[Column, ...]:
    """Returns the columns with the names of a project in `FOREIGN_FIELD_NAMES`.

    `project`: the project, or None to keep the names. Raises KeyError if it is unknown.
    """
    if project is None:
        return columns
    names = FOREIGN_FIELD_NAMES[project]
    return tuple(
        Column(names.get(column.name, column.name), column.kind, column.meaning)
        for column in columns
    )
