"""Re-visits, listings, alarms and rulings: what the crawl and persons write about changes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from dedup.changes.verdict import RULES
from storage.batches import batched
from storage.changes.alarm import DELETION, HISTORY, NEXT_LOOK, WINDOW, Looks, is_mass_deletion
from storage.changes.ladders import Ladders
from storage.changes.listing import Listed, absent
from storage.changes.rows import Alarm, Due
from storage.changes.selects import DUE, LIVING, LOSSES, SUSPECTS, VALIDATORS
from storage.changes.shape import shape
from storage.changes.wording import having
from storage.changes.writer import keep_up
from storage.saving.save import insert_new
from storage.tables.articles import article, meta, run, version
from storage.tables.changes import alarm, listed, ruling
from storage.tables.columns import AnyRow, among

_MARK = "changes.rules"
_AT_ONCE = 500
_WITNESSES, _ASKED = 3, 30


class Changes(Ladders):
    """The part of the database that keeps an eye on articles it has."""

    def due(self, of: str, now: datetime, room: int, *, validators: bool = False) -> list[Due]:
        """The outlet's articles that are to be fetched again, longest due first.

        In front of them stand live ones at addresses like those of the suspect ones: only if such a
        witness answers in the same run is a page that is not found held to be taken away.
        `validators`: with the ETag and Last-Modified of their last capture.
        """
        if room <= 0:
            return []

        def work(connection: Connection) -> list[Due]:
            rows = connection.execute(DUE, {"of": of, "now": now, "room": room}).all()
            chosen = [*_witnesses(connection, of, now, rows), *rows]
            due = [_due(row) for row in chosen[:room]]
            return [_with_validators(connection, each) for each in due] if validators else due

        return self.read(work)

    def sibling(self, of: str, due: Due, now: datetime) -> Due | None:
        """A live article that has the same fields and an address of the same shape, to be a witness."""

        def work(connection: Connection) -> Due | None:
            asked = {"of": of, "now": now, "room": _ASKED}
            for each in map(_due, connection.execute(LIVING, asked)):
                alike = shape(each.url) == shape(due.url) and set(due.fields) <= set(each.fields)
                if alike and each.article_id != due.article_id:
                    return each
            return None

        return self.read(work)

    def note_listing(
        self, source: str, at: datetime, identities: Sequence[str], *, of: str
    ) -> list[int]:
        """Record a full answer of a listing, top first; ids of the articles that it dropped.

        An article is dropped when two polls in a row should have held it and did not.
        """

        def work(connection: Connection) -> list[int]:
            now = _known(connection, of, identities)
            spells = _open_spells(connection, source)
            _hold(connection, source, at, now, spells)
            missed, rolled = absent([Listed(i, s.published_at) for i, s in spells.items()], now)
            dropped = [i for i in sorted(missed) if spells[i].missed_at is not None]
            for article_id in missed - set(dropped):
                _mark(connection, spells[article_id], {"missed_at": at})
            for article_id in rolled:
                _close(connection, spells[article_id])
            for article_id in dropped:
                spell = spells[article_id]
                _mark(connection, spell, {"dropped_at": spell.missed_at, "open": False})
                keep_up(connection, article_id, versions=False)
                _hurry(connection, article_id, at)
            return dropped

        return self.write(work)

    def raise_alarms(self, of: str, now: datetime) -> list[Alarm]:
        """Look at what was lost of late; the alarms that were not raised in this window before.

        `now`: when the run began that lost the last of it.
        """

        def work(connection: Connection) -> list[Alarm]:
            raised = select(alarm.c.kind).where(
                alarm.c.outlet == of, alarm.c.raised_at > now - WINDOW
            )
            told = set(connection.scalars(raised))
            found = _alarm(connection, of, now)
            # What nothing witnessed at first may turn out to be a deletion, not the other way round.
            if found is None or found.kind in told or DELETION in told:
                return []
            values = {n: getattr(found, n) for n in Alarm.__dataclass_fields__ if n != "id"}
            made = connection.scalars(insert(alarm).returning(alarm.c.id), values).one()
            return [replace(found, id=int(made))]

        return self.write(work)

    def rule(self, change_id: int, *, boring: bool, note: str = "") -> None:
        """Keep what a person says of a change; it outlives every re-judging. Raises NotFound."""
        about = self.change(change_id)
        values = {"boring": boring, "note": note, "decided_at": datetime.now(UTC)}
        key = {"old_id": about.old_id, "new_id": about.new_id}

        def work(connection: Connection) -> None:
            same = (ruling.c.old_id == about.old_id) & (ruling.c.new_id == about.new_id)
            connection.execute(delete(ruling).where(same))
            connection.execute(insert(ruling), key | values)

        self.write(work)

    def is_judged(self) -> bool:
        """Whether all changes were judged by today's rules."""
        asked = select(meta.c.value).where(meta.c.key == _MARK)
        return self.read(lambda connection: connection.scalar(asked)) == RULES

    def rejudge(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Judge all changes by today's rules, some articles a transaction; how many there were."""
        several = select(version.c.article_id).group_by(version.c.article_id)
        asked = several.having(func.count() > 1).order_by(version.c.article_id)
        ids = self.read(lambda connection: list(connection.scalars(asked)))
        done = 0
        for some in batched(ids, _AT_ONCE):
            self.write(lambda connection, some=some: _keep_up_all(connection, some))  # type: ignore[misc]
            done += len(some)
            if progress is not None:
                progress(done, len(ids))
        self.write(_mark_judged)
        return len(ids)


def _keep_up_all(connection: Connection, ids: Sequence[int]) -> None:
    for article_id in ids:
        keep_up(connection, article_id)


def _mark_judged(connection: Connection) -> None:
    connection.execute(insert_new(connection, meta), {"key": _MARK, "value": RULES})
    connection.execute(update(meta).where(meta.c.key == _MARK), {"value": RULES})


def _witnesses(
    connection: Connection, of: str, now: datetime, rows: Sequence[AnyRow]
) -> list[AnyRow]:
    """For each shape of a suspect address a live article, if none is due anyway."""
    suspects = {shape(row.url) for row in rows if row.suspect_since is not None}
    healthy = {shape(row.url): row for row in rows if row.suspect_since is None}
    if not suspects - healthy.keys():
        return []
    asked = {"of": of, "now": now, "room": _ASKED}
    for row in connection.execute(LIVING, asked):
        healthy.setdefault(shape(row.url), row)
    due = {row.id for row in rows}
    found = [healthy[each] for each in sorted(suspects) if each in healthy]
    return [row for row in found if row.id not in due][:_WITNESSES]


def _due(row: AnyRow) -> Due:
    return Due(
        article_id=row.id,
        identity=row.identity,
        url=row.url,
        key=row.key,
        canonical_url=row.canonical_url,
        due_at=row.next_check_at,
        suspect=row.suspect_since is not None,
        published_at=row.published_at,
        published_precision=row.published_precision or "",
        length=row.length,
        fields=having(row.details),
    )


def _with_validators(connection: Connection, due: Due) -> Due:
    """Those of a full answer only: after a 304 the page is asked for in full, since validators lie."""
    last = connection.execute(VALIDATORS, {"me": due.article_id}).one_or_none()
    if last is None or last.outcome not in ("new", "same", "edited"):
        return due
    return replace(due, etag=last.etag, last_modified=last.last_modified)


def _known(connection: Connection, of: str, identities: Sequence[str]) -> list[Listed]:
    """The known articles of a listing, in its order."""
    found: dict[str, Listed] = {}
    for some in batched(identities, _AT_ONCE):
        asked = select(article.c.identity, article.c.id, article.c.published_at).where(
            article.c.outlet == of, article.c.identity.in_(some)
        )
        found |= {r.identity: Listed(r.id, r.published_at) for r in connection.execute(asked)}
    return [found[each] for each in dict.fromkeys(identities) if each in found]


def _open_spells(connection: Connection, source: str) -> dict[int, AnyRow]:
    asked = (
        select(listed, article.c.published_at)
        .join_from(listed, article, article.c.id == listed.c.article_id)
        .where(listed.c.source == source, listed.c.open)
    )
    return {row.article_id: row for row in connection.execute(asked)}


def _hold(
    connection: Connection,
    source: str,
    at: datetime,
    now: Sequence[Listed],
    spells: dict[int, AnyRow],
) -> None:
    """Prolong the spells of what is listed, begin those of what is so for the first time."""
    new = [
        {
            "article_id": each.article_id,
            "source": source,
            "first_at": at,
            "last_at": at,
            "open": True,
        }
        for each in now
        if each.article_id not in spells
    ]
    if new:
        connection.execute(insert_new(connection, listed), new)
    held = update(listed).where(listed.c.source == source, listed.c.open)
    held = held.where(among(listed.c.article_id, "ids")).values(last_at=at, missed_at=None)
    connection.execute(held, {"ids": [i for i in spells if i in {each.article_id for each in now}]})
    dropped = select(listed.c.article_id).where(
        among(listed.c.article_id, "ids"), listed.c.dropped_at.is_not(None)
    )
    ids = [values["article_id"] for values in new]
    for article_id in connection.scalars(dropped.distinct(), {"ids": ids}).all() if ids else ():
        keep_up(connection, article_id, versions=False)


def _was_dropped(connection: Connection, article_id: int) -> bool:
    dropped = select(func.count()).where(
        listed.c.article_id == article_id, listed.c.dropped_at.is_not(None)
    )
    return bool(connection.scalar(dropped))


def _mark(connection: Connection, spell: AnyRow, values: dict[str, object]) -> None:
    connection.execute(update(listed).where(_same(spell)), values)


def _close(connection: Connection, spell: AnyRow) -> None:
    """Forget a spell that ended as all do; where an article was dropped once, all of them count."""
    if _was_dropped(connection, spell.article_id):
        _mark(connection, spell, {"open": False})
    else:
        connection.execute(delete(listed).where(_same(spell)))


def _same(spell: AnyRow) -> ColumnElement[bool]:
    return and_(
        listed.c.article_id == spell.article_id,
        listed.c.source == spell.source,
        listed.c.first_at == spell.first_at,
    )


def _hurry(connection: Connection, article_id: int, at: datetime) -> None:
    """What a listing dropped may be taken away next."""
    connection.execute(
        update(article)
        .where(article.c.id == article_id, article.c.last_captured_at.is_not(None))
        .values(next_check_at=at)
    )


def _alarm(connection: Connection, of: str, now: datetime) -> Alarm | None:
    rows = connection.execute(LOSSES, {"of": of, "since": now - HISTORY}).all()
    recent = {row.id: row.found_at for row in rows if row.found_at > now - WINDOW and row.is_lost}
    past = sum(row.found_at <= now - WINDOW for row in rows)
    asked = {"of": of, "since": now - WINDOW, "until": now + NEXT_LOOK}
    unwitnessed = {row.id: row.found_at for row in connection.execute(SUSPECTS, asked)}
    there, usual = _found_there(connection, of, now)
    for kind, cause, lost in (
        (DELETION, "not found while their siblings were", recent),
        ("nothing answers", "nor any like them: a rebuilt site, or all taken away", unwitnessed),
    ):
        looks = Looks(there, len(lost))
        if is_mass_deletion(looks, Looks(usual, past)):
            since = min(lost.values())
            return Alarm(
                id=0, outlet=of, kind=kind, since_at=since, raised_at=now,
                missing=looks.lost, checks=looks.total, cause=cause,
            )  # fmt: skip
    return None


def _found_there(connection: Connection, of: str, now: datetime) -> tuple[int, int]:
    """How many looks at known articles found them, in the window and in the history before."""
    asked = select(run.c.started_at, run.c.counts).where(
        run.c.outlet == of, run.c.started_at > now - HISTORY
    )
    there = [0, 0]
    for row in connection.execute(asked):
        there[row.started_at <= now - WINDOW] += int((row.counts or {}).get("revisit.present", 0))
    return there[0], there[1]
