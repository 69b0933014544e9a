"""Changes, states, alarms and gaps out of the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Unpack

from sqlalchemy import Select, func, select

from storage.changes.gaps import Gap, gaps
from storage.changes.rows import (
    Alarm,
    ChangeRow,
    Evidence,
    TransitionRow,
    Wanted,
    change_row,
    transition_row,
)
from storage.changes.selects import (
    CHANGES,
    EVIDENCE,
    TRANSITIONS,
    conditions,
    is_of_kind,
    not_boring,
)
from storage.errors import NotFound
from storage.reading.reading import Reading
from storage.tables.articles import article, capture, run
from storage.tables.changes import alarm, change, transition
from storage.tables.columns import AnyRow

_AT_ONCE = 500


class ChangeReading(Reading):
    """The part of the database that tells what changed and what vanished."""

    def changes(
        self,
        *,
        kind: str | None = None,
        boring: bool = False,
        limit: int | None = None,
        **wanted: Unpack[Wanted],
    ) -> Iterator[ChangeRow]:
        """The edits, latest found first. `boring`: those too that nobody need look at."""
        asked = CHANGES.where(*conditions(change.c.found_at, wanted))
        if kind:
            asked = asked.where(is_of_kind(kind))
        if not boring:
            asked = asked.where(not_boring())
        asked = asked.order_by(change.c.found_at.desc(), change.c.id.desc()).limit(limit)
        yield from (change_row(row) for row in self._streamed(asked))

    def change(self, change_id: int) -> ChangeRow:
        """One change. Raises NotFound."""
        asked = CHANGES.where(change.c.id == change_id)
        row = self.read(lambda connection: connection.execute(asked).one_or_none())
        if row is None:
            raise NotFound(f"no change has the id {change_id}")
        return change_row(row)

    def transitions(
        self, *, state: str | None = None, limit: int | None = None, **wanted: Unpack[Wanted]
    ) -> Iterator[TransitionRow]:
        """What was unlisted, missing, gone and restored, latest found first."""
        asked = TRANSITIONS.where(*conditions(transition.c.found_at, wanted))
        if state:
            asked = asked.where(transition.c.state == state)
        asked = asked.order_by(transition.c.found_at.desc(), transition.c.id.desc()).limit(limit)
        yield from (transition_row(row) for row in self._streamed(asked))

    def state_of(self, article_id: int) -> str:
        """Where an article stands: live, unlisted, missing, gone or restored. Raises NotFound."""
        asked = select(article.c.state).where(article.c.id == article_id)
        found = self.read(lambda connection: connection.scalar(asked))
        if found is None:
            raise NotFound(f"no article has the id {article_id}")
        return str(found)

    def alarms(self, *, since: datetime | None = None, outlet: str | None = None) -> list[Alarm]:
        """The alarms, latest first."""
        columns = (alarm.c[name] for name in Alarm.__dataclass_fields__)
        asked = select(*columns).order_by(alarm.c.raised_at.desc(), alarm.c.id.desc())
        if since is not None:
            asked = asked.where(alarm.c.raised_at >= since)
        if outlet is not None:
            asked = asked.where(alarm.c.outlet == outlet)
        return [Alarm(**row._mapping) for row in self.read(lambda c: c.execute(asked).all())]

    def evidence(self, *, texts: bool = False, **wanted: Unpack[Wanted]) -> Iterator[Evidence]:
        """The captures that point into a WARC file, by article and time; `texts`: those with a text."""
        asked = EVIDENCE.where(*conditions(capture.c.fetched_at, wanted))
        if texts:
            asked = asked.where(capture.c.version_id.is_not(None), ~capture.c.truncated)
        yield from (Evidence(**row._mapping) for row in self._streamed(asked))

    def gaps(
        self, *, now: datetime, outlet: str | None = None, every: timedelta | None = None
    ) -> list[Gap]:
        """When outlets were not watched, out of reach or silent, by outlet and time."""
        asked = select(run.c.outlet).distinct().order_by(run.c.outlet)
        names = [outlet] if outlet else self.read(lambda c: list(c.scalars(asked)))
        most = self.read(lambda c: c.scalar(select(func.count()).select_from(run))) or 0
        return [gap for name in names for gap in gaps(self.runs(name, most), now, every)]

    def _streamed(self, asked: Select[tuple[object, ...]]) -> Iterator[AnyRow]:
        with self.reading() as connection:
            yield from connection.execution_options(yield_per=_AT_ONCE).execute(asked)
