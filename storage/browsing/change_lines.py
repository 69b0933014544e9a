"""Reads edits and changes of state as one list, each edit with the words that changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from dedup.changes.records import Piece
from dedup.changes.shorten import changed_words
from storage.browsing.listing import Listing, Page
from storage.browsing.position import Position
from storage.browsing.time_limit import reading_within
from storage.browsing.versions import VersionText, load_version_texts
from storage.changes.change_queries import (
    CHANGES_QUERY,
    TRANSITIONS_QUERY,
    is_not_boring,
    is_of_kind,
)
from storage.changes.rows import ChangeRow, TransitionRow, change_row, transition_row
from storage.engine import TransactionalEngine
from storage.errors import InvalidRequest
from storage.rights import TextLevel, allowed_level, stricter_level
from storage.tables.articles import article
from storage.tables.changes import change, ruling, transition
from storage.tables.columns import AnyRow, AnySelect

MAX_COMPARED_CHARS = 40_000
"""Of a longer text only the beginning is compared for the words of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSelection:
    """Selects edits and changes of state. All filters that are given must hold.

    `kind`: only edits of this kind or nature. `state`: only changes to this state. `boring`: includes
    boring edits. `silent`: without edits that the page announces. `since` <= `found_at` < `until`.
    """

    kind: str | None = None
    nature: str | None = None
    state: str | None = None
    outlet: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    boring: bool = False
    silent: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidRequest if an edit and a change of state are asked for at once."""
        if self.state and (self.kind or self.nature):
            raise InvalidRequest("a change of state has no kind: ask for one of the two")

    def edits(self) -> AnySelect | None:
        """Selects the columns of a `Position` from the edits; None if none is asked for."""
        if self.state:
            return None
        query: AnySelect = select(change.c.found_at, change.c.id).select_from(change)
        if not self.boring:
            query = join_ruling(query).where(is_not_boring())
        for word in filter(None, (self.kind, self.nature)):
            query = query.where(is_of_kind(word))
        if self.silent:
            query = query.where(change.c.silent)
        return self._in_range(query, change)

    def transitions(self) -> AnySelect | None:
        """Selects the columns of a `Position` from the changes of state; None if none is asked for."""
        if self.kind or self.nature:
            return None
        query: AnySelect = select(transition.c.found_at, transition.c.id).select_from(transition)
        if self.state:
            query = query.where(transition.c.state == self.state)
        return self._in_range(query, transition)

    def _in_range(self, query: AnySelect, table: Table) -> AnySelect:
        query = query.where(*range_conditions(table, self.since, self.until))
        return query.where(is_of_outlet(table, self.outlet)) if self.outlet else query


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedField:
    """The changed words of a field: headline, text, lead, authors, captions or time."""

    field: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """An edit or a change of state as one line of a list.

    `words`: of an edit, what changed in each field. `level`: how much of both texts the rights of
    the outlet allow to be passed on. `is_long`: the texts were compared only in part.
    """

    row: ChangeRow | TransitionRow
    language: str
    words: tuple[ChangedField, ...] = ()
    level: TextLevel = "full"
    is_long: bool = False


def load_change_lines(
    database: TransactionalEngine,
    selection: ChangeSelection,
    *,
    limit: int = 50,
    before: Position | None = None,
    after: Position | None = None,
) -> Listing[ChangeLine]:
    """Returns a page of edits and changes of state, latest found first.

    `before`, `after`: a position of another page. Its `id` is twice the number of an edit, or twice
    the number of a change of state plus one, so that no row of the two tables is lost or repeated.
    Raises InvalidRequest and TooSlow.
    """
    page = Page(limit, before, after)
    with reading_within(database) as connection:
        listing = _load_positions(connection, selection, page)
        lines = _load_lines(connection, [each.id for each in listing.rows])
    return Listing(rows=tuple(lines), next=listing.next, previous=listing.previous)


def load_neighbours(
    database: TransactionalEngine, edit: ChangeRow
) -> tuple[ChangeRow | None, ChangeRow | None]:
    """Returns the edits found just after this one and just before it, without boring ones."""
    here = Position(edit.found_at, edit.id)
    query = ChangeSelection().edits()
    if query is None:
        return None, None
    pages = Page(1, after=here), Page(1, before=here)
    columns = change.c.found_at, change.c.id
    with reading_within(database) as connection:
        newer, older = (page.load(connection, query, columns).rows for page in pages)
        ids = [each.id for each in (*newer, *older)]
        found = connection.execute(CHANGES_QUERY.where(change.c.id.in_(ids))) if ids else ()
        rows = {row.id: change_row(row) for row in found}
    first, second = (rows.get(each[0].id) if each else None for each in (newer, older))
    return first, second


def join_ruling(query: AnySelect) -> AnySelect:
    """Joins what a person decided about each change."""
    is_same = and_(ruling.c.old_id == change.c.old_id, ruling.c.new_id == change.c.new_id)
    return query.outerjoin(ruling, is_same)


def is_of_outlet(table: Table, outlet: str) -> ColumnElement[bool]:
    """Selects the rows about articles of an outlet.

    The articles are a set, which an index gives: looking at the article of each row takes longer.
    """
    of_outlet = article.alias("of_outlet")
    return table.c.article_id.in_(select(of_outlet.c.id).where(of_outlet.c.outlet == outlet))


def range_conditions(
    table: Table, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    """Returns the conditions for `since` <= `found_at` < `until`."""
    found_at = table.c.found_at
    lower = [] if since is None else [found_at >= since]
    upper = [] if until is None else [found_at < until]
    return [*lower, *upper]


Code: TypeAlias = int
"""The number of a row in the common list: see `load_change_lines`."""


def _code(table: Table, row_id: int) -> Code:
    return 2 * row_id + (table is transition)


def _load_positions(
    connection: Connection, selection: ChangeSelection, page: Page
) -> Listing[Position]:
    found: list[Position] = []
    has_more = False
    for table, query in ((change, selection.edits()), (transition, selection.transitions())):
        if query is None:
            continue
        of_table = _page_of_table(table, page)
        listing = of_table.load(connection, query, (table.c.found_at, table.c.id))
        found += [each._replace(id=_code(table, each.id)) for each in listing.rows]
        has_more |= (listing.previous if page.after else listing.next) is not None
    found.sort(reverse=True)
    return _cut(found, page, has_more=has_more or len(found) > page.limit)


def _page_of_table(table: Table, page: Page) -> Page:
    """Returns the page of one table, with the positions in its own numbers."""
    is_transition = table is transition
    before = page.before and page.before._replace(id=(page.before.id + 1 - is_transition) // 2)
    after = page.after and page.after._replace(id=(page.after.id - is_transition) // 2)
    return Page(page.limit, before, after)


def _cut(found: Sequence[Position], page: Page, *, has_more: bool) -> Listing[Position]:
    """Returns the rows next to the position that was asked for. `found`: latest first."""
    before, after = page.before, page.after
    if not found:
        older = after and after._replace(id=after.id + 1)
        newer = before and before._replace(id=before.id - 1)
        return Listing(rows=(), next=older, previous=newer)
    if after is not None:
        rows = found[-page.limit :]
        return Listing(rows=tuple(rows), next=rows[-1], previous=rows[0] if has_more else None)
    rows = found[: page.limit]
    behind = None if before is None else rows[0]
    return Listing(rows=tuple(rows), next=rows[-1] if has_more else None, previous=behind)


def _load_lines(connection: Connection, codes: Sequence[Code]) -> list[ChangeLine]:
    """Returns the lines in the order of their codes."""
    edit_ids = [code // 2 for code in codes if code % 2 == 0]
    transition_ids = [code // 2 for code in codes if code % 2]
    lines: dict[Code, ChangeLine] = {}
    if edit_ids:
        lines |= _load_edit_lines(connection, edit_ids)
    if transition_ids:
        query = _with_language(TRANSITIONS_QUERY).where(transition.c.id.in_(transition_ids))
        for row in connection.execute(query):
            line = ChangeLine(row=transition_row(row), language=row.language)
            lines[_code(transition, row.id)] = line
    return [lines[code] for code in codes if code in lines]


def _load_edit_lines(connection: Connection, ids: Sequence[int]) -> dict[Code, ChangeLine]:
    query = _with_language(CHANGES_QUERY).where(change.c.id.in_(ids))
    rows = connection.execute(query).all()
    version_ids = {version_id for row in rows for version_id in (row.old_id, row.new_id)}
    texts = load_version_texts(connection, version_ids, max_chars=MAX_COMPARED_CHARS)
    return {_code(change, row.id): _make_edit_line(row, texts) for row in rows}


def _with_language(query: AnySelect) -> AnySelect:
    return query.add_columns(article.c.language)


def _make_edit_line(row: AnyRow, texts: dict[int, VersionText]) -> ChangeLine:
    old, new = texts[row.old_id], texts[row.new_id]
    return ChangeLine(
        row=change_row(row),
        language=row.language,
        words=compare_fields(old, new),
        level=stricter_level(allowed_level(old.rights), allowed_level(new.rights)),
        is_long=max(len(old.text), len(new.text)) >= MAX_COMPARED_CHARS,
    )


_FIELDS: tuple[tuple[str, Callable[[VersionText], str]], ...] = (
    ("headline", lambda each: each.title),
    ("text", lambda each: each.text),
    ("lead", lambda each: each.lead),
    ("authors", lambda each: ", ".join(each.authors)),
    ("captions", lambda each: "\n".join(each.captions)),
)


def compare_fields(old: VersionText, new: VersionText) -> tuple[ChangedField, ...]:
    """Returns the changed words of each field that differs and that both versions have.

    A field that one version lacks is left out: it is often an error of our extraction.
    """
    fields = [
        ChangedField(field=name, pieces=tuple(changed_words(read(old), read(new))))
        for name, read in _FIELDS
        if name == "text" or (read(old) and read(new))
    ]
    if old.published and new.published and str(old.published) != str(new.published):
        times = Piece("-", old.published.as_words()), Piece("+", new.published.as_words())
        fields.append(ChangedField(field="time", pieces=times))
    return tuple(each for each in fields if each.pieces)
