"""Makes the entries of a feed from edits and changes of state. No I/O."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from dedup.changes.records import Piece
from storage.atom import AtomFeed, Entry
from storage.changes.rows import ChangeRow, TransitionRow
from storage.wording.numbers import format_count

FEED_ID = "urn:nkwire:changes"
TITLE = "nkwire: what changed and what vanished"
_MAX_PASSAGE_CHARS = 300


def make_change_feed(rows: Iterable[ChangeRow | TransitionRow], now: datetime) -> AtomFeed:
    """Returns the feed of these rows; `now` is the date of an empty feed."""
    entries = [make_entry(row) for row in rows]
    return AtomFeed(id=FEED_ID, title=TITLE, updated_at=now, entries=entries)


def make_entry(row: ChangeRow | TransitionRow, passage: str = "") -> Entry:
    """Returns the entry of an edit or a change of state, which links to the outlet's page.

    `passage`: what was added and removed, see `describe_passage`.
    """
    if isinstance(row, ChangeRow):
        kind, detail, change_id = row.nature.value, ", ".join(row.kinds), str(row.id)
        size = f"; {format_count(row.added, 'character')} added, {row.removed:,} removed"
    else:
        kind, detail, size = row.state.value, row.how, ""
        change_id = f"{kind}:{row.article_id}:{int(row.found_at.timestamp())}"
    summary = f"{kind} ({detail})" if detail else kind
    interval = f"between {_moment(row.after_at)} and {_moment(row.before_at)} UTC"
    return Entry(
        id=f"urn:nkwire:change:{change_id}",
        title=f"{row.outlet}: {summary}: {row.title}",
        updated_at=row.found_at,
        link=row.url,
        summary=f"{summary}, {interval}{size}{passage}",
        category=kind,
    )


def describe_passage(pieces: Collection[Piece]) -> str:
    """Returns the words that were removed and added, as an end of a summary; "" if none were.

    Where only punctuation or white space changed, it is "" too.
    """
    parts = []
    for sign, word in (("-", "Removed"), ("+", "Added")):
        found = [" ".join(each.text.split()) for each in pieces if each.sign == sign]
        if words := [each for each in found if any(map(str.isalnum, each))]:
            parts.append(f" {word}: {_join(words)}")
    return f".{''.join(parts)}" if parts else ""


def _join(passages: Sequence[str]) -> str:
    text = " … ".join(f"“{each}”" for each in passages)
    return text if len(text) <= _MAX_PASSAGE_CHARS else f"{text[:_MAX_PASSAGE_CHARS]}…"


def _moment(at: datetime | None) -> str:
    return "–" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
