"""Reads changes, states and gaps, and stores rulings on changes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Unpack

from sqlalchemy import Connection, delete, func, insert, select

from dedup.changes.change_classifier import RULES_VERSION
from storage.batches import ROWS_PER_BATCH, ProgressCallback, batched
from storage.changes.article_state import ArticleState
from storage.changes.change_queries import (
    CHANGES_QUERY,
    RECORDED_CAPTURES_QUERY,
    TRANSITIONS_QUERY,
    filter_conditions,
    is_not_boring,
    is_of_kind,
)
from storage.changes.gaps import Gap, find_gaps
from storage.changes.rows import (
    ChangeFilters,
    ChangeRow,
    RecordedCapture,
    TransitionRow,
    change_row,
    transition_row,
)
from storage.changes.writer import update_change_state
from storage.clean import clean_text
from storage.dialects import lenient_text
from storage.engine import Facet
from storage.errors import NotFound
from storage.runs.runs import Runs
from storage.tables.articles import article, capture, edited_article_ids, version
from storage.tables.changes import change, ruling, transition
from storage.tables.columns import AnySelect, Names, each_name
from storage.tables.meta import get_meta, set_meta
from storage.tables.runs import run

_RULES_KEY = "changes.rules"


class Changes(Facet):
    """Queries for edits, changes of state and gaps."""

    def iter(
        self,
        *,
        kind: str | None = None,
        boring: bool = False,
        limit: int | None = None,
        **filters: Unpack[ChangeFilters],
    ) -> Iterator[ChangeRow]:
        """Iterates over the edits, latest found first. `boring`: includes boring ones.

        `kind`: a kind (headline, numbers ...) or a nature (rewrite, update ...). Raises
        InvalidRequest for any other word.
        """
        query = _select_changes(kind, filters, boring=boring)
        query = query.order_by(change.c.found_at.desc(), change.c.id.desc()).limit(limit)
        with self._database.streaming(query) as rows:
            yield from map(change_row, rows)

    def get(self, change_id: int) -> ChangeRow:
        """Returns one change. Raises NotFound."""
        query = CHANGES_QUERY.where(change.c.id == change_id)
        row = self._database.read(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            raise NotFound(f"no change has the id {change_id}")
        return change_row(row)

    def transitions(
        self,
        *,
        state: str | None = None,
        limit: int | None = None,
        **filters: Unpack[ChangeFilters],
    ) -> Iterator[TransitionRow]:
        """Iterates over the changes of state, latest found first.

        `state`: only changes to this state (unlisted, missing, gone, restored ...).
        """
        query = _select_transitions(state, filters)
        query = query.order_by(transition.c.found_at.desc(), transition.c.id.desc()).limit(limit)
        with self._database.streaming(query) as rows:
            yield from map(transition_row, rows)

    def count_edits(
        self, *, kind: str | None = None, boring: bool = False, **filters: Unpack[ChangeFilters]
    ) -> int:
        """Returns the number of edits that `iter` yields without a limit."""
        return self._count(_select_changes(kind, filters, boring=boring))

    def count_transitions(
        self, *, state: str | None = None, **filters: Unpack[ChangeFilters]
    ) -> int:
        """Returns the number of changes of state that `transitions` yields without a limit."""
        return self._count(_select_transitions(state, filters))

    def _count(self, query: AnySelect) -> int:
        counting = query.with_only_columns(func.count(), maintain_column_froms=True)
        return self._database.read(lambda connection: connection.scalar(counting)) or 0

    def state_of(self, article_id: int) -> ArticleState:
        """Returns the state of an article. Raises NotFound."""
        query = select(article.c.state).where(article.c.id == article_id)
        state = self._database.read(lambda connection: connection.scalar(query))
        if state is None:
            raise NotFound(f"no article has the id {article_id}")
        return ArticleState(state)

    def recorded_captures(
        self, *, texts: bool = False, **filters: Unpack[ChangeFilters]
    ) -> Iterator[RecordedCapture]:
        """Iterates over the captures with a place in a WARC file, in order of article and time.

        `texts`: only captures that gave a whole text. The filters `since` and `until` apply to the
        time of the capture.
        """
        query = RECORDED_CAPTURES_QUERY.where(*filter_conditions(capture.c.fetched_at, filters))
        if texts:
            query = query.where(capture.c.version_id.is_not(None), ~capture.c.truncated)
        with (
            self._database.reading() as connection,
            lenient_text(connection),  # what is damaged can be mended from the recording
            connection.execution_options(yield_per=ROWS_PER_BATCH).execute(query) as rows,
        ):
            yield from (RecordedCapture(**row._mapping) for row in rows)

    def gaps(
        self, *, now: datetime, outlet: Names | None = None, every: timedelta | None = None
    ) -> list[Gap]:
        """Returns when outlets were not watched, unreachable or quiet, in order of outlet and time.

        `outlet`: only those of one outlet or of several. `every`: the usual pause between two runs; without it the median pause of the outlet's runs.
        """
        query = select(run.c.outlet).distinct().order_by(run.c.outlet)
        outlet_names = (
            each_name(outlet)
            if outlet
            else self._database.read(lambda connection: list(connection.scalars(query)))
        )
        run_count = (
            self._database.read(
                lambda connection: connection.scalar(select(func.count()).select_from(run))
            )
            or 0
        )
        runs = Runs(self._database)
        return [
            gap
            for outlet_name in outlet_names
            for gap in find_gaps(runs.latest(outlet_name, run_count), now, every)
        ]

    def set_ruling(self, change_id: int, *, boring: bool, note: str = "") -> None:
        """Stores a person's ruling on a change. It survives every `rebuild`. Raises NotFound."""
        edit = self.get(change_id)
        values = {"boring": boring, "note": clean_text(note), "decided_at": datetime.now(UTC)}
        key = {"old_id": edit.old_id, "new_id": edit.new_id}

        def work(connection: Connection) -> None:
            is_same_change = (ruling.c.old_id == edit.old_id) & (ruling.c.new_id == edit.new_id)
            connection.execute(delete(ruling).where(is_same_change))
            connection.execute(insert(ruling), key | values)

        self._database.write(work)

    def remove_ruling(self, old_id: int, new_id: int) -> None:
        """Removes the ruling on the change from one version to another. Raises NotFound."""
        is_same_change = (ruling.c.old_id == old_id) & (ruling.c.new_id == new_id)

        def work(connection: Connection) -> None:
            if not connection.execute(delete(ruling).where(is_same_change)).rowcount:
                raise NotFound("there is no ruling on this change, or it was undone already")

        self._database.write(work)

    def are_current(self) -> bool:
        """Returns whether all changes were classified by the current rules."""
        stored = self._database.read(lambda connection: get_meta(connection, _RULES_KEY))
        return stored == RULES_VERSION

    def rebuild(self, progress: ProgressCallback | None = None) -> int:
        """Classifies all changes by the current rules, in transactions of 500 articles.

        `progress` gets the number of articles done and the total. Returns the number of articles
        with several versions.
        """
        query = edited_article_ids().order_by(version.c.article_id)
        ids = self._database.read(lambda connection: list(connection.scalars(query)))
        done = 0
        for batch in batched(ids):
            self._database.write(
                lambda connection, batch=batch: _rebuild_changes(connection, batch)  # type: ignore[misc]
            )
            done += len(batch)
            if progress is not None:
                progress(done, len(ids))
        self.declare_current()
        return len(ids)

    def declare_current(self) -> None:
        """Records that all changes are classified by the current rules, as in a new database."""
        self._database.write(lambda connection: set_meta(connection, _RULES_KEY, RULES_VERSION))


def _select_changes(kind: str | None, filters: ChangeFilters, *, boring: bool) -> AnySelect:
    query = CHANGES_QUERY.where(*filter_conditions(change.c.found_at, filters))
    if kind:
        query = query.where(is_of_kind(kind))
    return query if boring else query.where(is_not_boring())


def _select_transitions(state: str | None, filters: ChangeFilters) -> AnySelect:
    query = TRANSITIONS_QUERY.where(*filter_conditions(transition.c.found_at, filters))
    return query.where(transition.c.state == state) if state else query


def _rebuild_changes(connection: Connection, ids: Sequence[int]) -> None:
    for article_id in ids:
        update_change_state(connection, article_id)
