"""The values that reading changes, states and alarms returns. All times are in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from dedup.changes.records import ChangeKind, ChangeNature
from storage.changes.article_state import ArticleState
from storage.changes.mass_deletion import AlarmKind
from storage.stated_time import make_stated_time
from storage.tables.columns import AnyRow, Names


class ChangeFilters(TypedDict, total=False):
    """The filters that select changes or transitions. All filters that are given must hold.

    `since` <= `found_at` < `until`. `outlet`: one name or several. `article` is an article id.
    """

    since: datetime | None
    until: datetime | None
    outlet: Names | None
    article: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """An edit. It happened between `after_at` and `before_at` (None: no capture shows the limit).

    `kinds`, `nature`: see `dedup.changes.records`. `added`, `removed`: numbers of letters and
    digits. `boring`: the reason of the classifier, "" for none. `ruled`: the ruling of a person on
    whether the change is boring, None if there is none.
    """

    id: int
    article_id: int
    outlet: str
    url: str
    title: str
    old_id: int
    new_id: int
    after_at: datetime | None
    before_at: datetime | None
    found_at: datetime
    published_at: datetime | None
    published_precision: str | None
    first_seen_at: datetime
    kinds: tuple[ChangeKind, ...]
    nature: ChangeNature
    added: int
    removed: int
    share: float
    silent: bool
    boring: str
    ruled: bool | None
    note: str

    @property
    def is_boring(self) -> bool:
        """Whether the change is boring, by a person's ruling, else by the classifier."""
        return bool(self.boring) if self.ruled is None else self.ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRow:
    """A change of state between `after_at` and `before_at`: see `storage.changes.article_state`."""

    id: int
    article_id: int
    outlet: str
    url: str
    title: str
    was: ArticleState
    state: ArticleState
    after_at: datetime | None
    before_at: datetime
    found_at: datetime
    published_at: datetime | None
    published_precision: str | None
    first_seen_at: datetime
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Many known articles of an outlet were not found within a short time.

    `missing`: the number of these articles, each counted once. `checks`: all revisits of articles
    that were there the time before.
    """

    id: int
    outlet: str
    kind: AlarmKind
    since_at: datetime
    raised_at: datetime
    missing: int
    checks: int
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueArticle:
    """A known article that is to be fetched again. `is_suspect`: it was not found the last time.

    `etag`, `last_modified`: the validators of its last capture. `text_length`: the length of the
    stored text in characters. `known_fields`: those of authors and captions that are stored.
    `title`: the stored headline.
    """

    article_id: int
    identity: str
    url: str
    key: str
    canonical_url: str
    due_at: datetime
    is_suspect: bool
    published_at: datetime | None
    published_precision: str
    text_length: int = 0
    title: str = ""
    known_fields: tuple[str, ...] = ()
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCapture:
    """A capture with its place in a WARC file, and its article."""

    article_id: int
    outlet: str
    identity: str
    key: str
    canonical_url: str
    article_url: str
    published_at: datetime | None
    published_precision: str
    url: str
    fetched_at: datetime
    status: int
    body_sha256: str
    warc_file: str
    warc_offset: int
    title: str
    text: str


_STORED_FIELDS = ChangeRow.__dataclass_fields__.keys() - {"kinds", "note"}


def change_row(row: AnyRow) -> ChangeRow:
    """Converts a row of `storage.changes.change_queries.CHANGES_QUERY`."""
    values = row._mapping
    return ChangeRow(
        kinds=tuple(kind for kind in ChangeKind if values[kind]),
        note=row.note or "",
        **{name: values[name] for name in _STORED_FIELDS},
    )


def transition_row(row: AnyRow) -> TransitionRow:
    """Converts a row of `storage.changes.change_queries.TRANSITIONS_QUERY`."""
    stored = {name: row._mapping[name] for name in TransitionRow.__dataclass_fields__}
    states = {"was": ArticleState(row.was), "state": ArticleState(row.state)}
    return TransitionRow(**stored | states)


def edit_as_dict(change: ChangeRow) -> dict[str, Any]:
    """Returns an edit as commands and pages print it. It happened between `after` and `before`."""
    return {
        "change": change.id,
        "what": change.nature,
        "kinds": list(change.kinds),
        "silent": change.silent,
        "boring": change.boring if change.ruled is None else change.ruled,
        "ruled": change.ruled is not None,
        "note": change.note,
        "article": change.article_id,
        "outlet": change.outlet,
        "url": change.url,
        "title": change.title,
        "published_at": make_stated_time(change.published_at, change.published_precision),
        "first_seen_at": change.first_seen_at,
        "after": change.after_at,
        "before": change.before_at,
        "found_at": change.found_at,
        "added": change.added,
        "removed": change.removed,
        "share": change.share,
        "from": change.old_id,
        "to": change.new_id,
    }


def transition_as_dict(transition: TransitionRow) -> dict[str, Any]:
    """Returns a change of state as commands and pages print it. It happened between `after` and `before`."""
    return {
        "change": None,
        "what": transition.state,
        "was": transition.was,
        "how": transition.how,
        "article": transition.article_id,
        "outlet": transition.outlet,
        "url": transition.url,
        "title": transition.title,
        "published_at": make_stated_time(transition.published_at, transition.published_precision),
        "first_seen_at": transition.first_seen_at,
        "after": transition.after_at,
        "before": transition.before_at,
        "found_at": transition.found_at,
    }
