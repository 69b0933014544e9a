"""What is read of changes, states and alarms: plain values, times in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from storage.tables.columns import AnyRow


class ChangeFilters(TypedDict, total=False):
    """Which changes or transitions are meant; all given ones must hold. `since` <= found < `until`."""

    since: datetime | None
    until: datetime | None
    outlet: str | None
    article: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """An edit: it lies between `after_at` and `before_at` (None: no capture tells).

    `kinds`, `nature`: see dedup.changes.records. `added`, `removed`: letters. `boring`: the machine's
    reason, "" for none; `ruled`: what a person said instead, None if nobody did.
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
    kinds: tuple[str, ...]
    nature: str
    added: int
    removed: int
    share: float
    silent: bool
    boring: str
    ruled: bool | None
    note: str

    @property
    def is_boring(self) -> bool:
        """Whether nobody need look: a person's word, else the machine's."""
        return bool(self.boring) if self.ruled is None else self.ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRow:
    """A change of state: it happened between `after_at` and `before_at`, see storage.changes.article_state."""

    id: int
    article_id: int
    outlet: str
    url: str
    title: str
    was: str
    state: str
    after_at: datetime | None
    before_at: datetime
    found_at: datetime
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Many known articles of an outlet were not found within a short time.

    `missing`: so many of them, each counted once, of `checks` looks at what was there the time before.
    `kind`: "mass-deletion" if siblings of the missing ones answered, "nothing answers" if none did:
    then the site was rebuilt, or all of it was taken away.
    """

    id: int
    outlet: str
    kind: str
    since_at: datetime
    raised_at: datetime
    missing: int
    checks: int
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueArticle:
    """A known article that is to be fetched again. `suspect`: it was not found the last time.

    `etag`, `last_modified`: of its last capture. `length`: of the text that is held, in characters.
    `fields`: which of authors and captions are held of it.
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
    known_fields: tuple[str, ...] = ()
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCapture:
    """A capture with its place in a WARC file, and the article that it is of."""

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
    outcome: str
    body_sha256: str
    warc_file: str
    warc_offset: int
    title: str
    text: str


def change_row(row: AnyRow) -> ChangeRow:
    """A row of `storage.changes.change_queries.CHANGES_QUERY`."""
    values = {name: row._mapping[name] for name in ChangeRow.__dataclass_fields__}
    return ChangeRow(**values | {"kinds": tuple(row.kinds.split()), "note": row.note or ""})


def transition_row(row: AnyRow) -> TransitionRow:
    """A row of `storage.changes.change_queries.TRANSITIONS_QUERY`."""
    return TransitionRow(
        **{name: row._mapping[name] for name in TransitionRow.__dataclass_fields__}
    )
