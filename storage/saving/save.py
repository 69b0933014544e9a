"""The one write path: a batch of articles in one transaction, each in a savepoint of its own.

A kill at any instant leaves the whole batch or nothing of it; an article that cannot be stored goes
to quarantine, and the others of its batch are kept.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import DBAPIError

from dedup.records import Document
from dedup.signature.scheme import Scheme
from storage.batches import batched
from storage.changes.wording import contents_as_seen, has_none, without
from storage.changes.writer import (
    as_siblings_show,
    first_check,
    keep_up,
    note_witnesses,
    witnessed_by,
    witnesses,
)
from storage.engine import is_about_the_row, savepoint
from storage.errors import StorageError
from storage.identity import uid
from storage.index.fresh import Fresh
from storage.index.placing import Digest, place_article
from storage.index.sql_index import SqlIndex, load_documents
from storage.records import Article, PageClass, Receipt, Saved
from storage.saving import history
from storage.saving.new import INSERT_CAPTURE, INSERT_VERSION, Made, insert_articles
from storage.saving.prepare import Prepared, payload
from storage.saving.rows import (
    article_values,
    capture_changes,
    capture_row,
    current_values,
    said,
    sight_changes,
    version_row,
)
from storage.search import fulltext
from storage.statements import insert_new
from storage.tables.articles import UNRANKED, article, capture, outlet, quarantine, version
from storage.tables.columns import AnyRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """An article that is not fit to be kept, and why."""

    article: Article
    reason: str


_FIND = select(article).where(
    article.c.outlet == bindparam("of"), article.c.identity == bindparam("who")
)
# Not as pairs: SQLite would read all articles to find several of those.
_FIND_ALL = select(article).where(
    article.c.outlet.in_(bindparam("of", expanding=True)),
    article.c.identity.in_(bindparam("who", expanding=True)),
)
_ASKED = 500
_VERSIONS = select(
    version.c.id,
    version.c.content_sha256,
    version.c.details,
    version.c.captured_at,
    version.c.page_class,
).where(version.c.article_id == bindparam("me"))
_CAPTURES = select(capture.c.fetched_at, capture.c.version_id).where(
    capture.c.article_id == bindparam("me")
)
_STORY_OF = select(article.c.id, article.c.story_id)
_RANKS = select(outlet.c.name, outlet.c.rank, outlet.c.ladder)


class Batch:
    """Stores articles within one transaction that no other writer is inside of."""

    def __init__(
        self,
        connection: Connection,
        scheme: Scheme,
        run_id: int | None,
        now: datetime,
        fresh: Fresh | None = None,
    ) -> None:
        self._connection = connection
        self._index = SqlIndex(connection, scheme, fresh)
        self._run_id = run_id
        self._now = now
        self._ranks: dict[str, int] = {}
        self._ladders: dict[str, list[int] | None] = {}
        self._held: dict[tuple[str, str], AnyRow | None] = {}
        # Written before the first article of the batch is stored, and not while others are.
        self._witnesses = cache(partial(witnesses, connection))

    def save(
        self, batch: Sequence[Prepared | Refused], digests: Mapping[str, Digest]
    ) -> list[Receipt]:
        """Store all; the receipts name the stories as they are at the end of the batch."""
        self._add_outlets({p.article.outlet for p in batch if isinstance(p, Prepared)})
        fit = [each for each in batch if isinstance(each, Prepared)]
        self._look_up(fit)
        note_witnesses(self._connection, _answered(fit), self._run_id)
        receipts = self._together(batch, digests)
        if receipts is None:
            self._look_up(fit)
            receipts = [self._receive(each, digests) for each in batch]
        ids = [receipt.article_id for receipt in receipts if receipt.article_id]
        fulltext.refresh(self._connection, ids)
        stories = dict(self._connection.execute(_STORY_OF.where(article.c.id.in_(ids))).all())
        return [
            Receipt(r.saved, r.article_id, stories.get(r.article_id, 0), r.reason) for r in receipts
        ]

    def _together(
        self, batch: Sequence[Prepared | Refused], digests: Mapping[str, Digest]
    ) -> list[Receipt] | None:
        """Store all in few statements; None, and nothing is stored, if any of them is refused."""
        try:
            with savepoint(self._connection):
                made = self._insert_new([each for each in batch if isinstance(each, Prepared)])
                return [self._store_made(each, made, digests) for each in batch]
        except StorageError:
            raise
        except DBAPIError as error:
            if not is_about_the_row(error):
                raise
        except Exception:
            log.info("a batch cannot be stored together: each by itself now", exc_info=True)
        self._index.forget()
        return None

    def _store_made(
        self,
        each: Prepared | Refused,
        made: Mapping[int, Made],
        digests: Mapping[str, Digest],
    ) -> Receipt:
        if isinstance(each, Refused):
            return self._quarantine(each.article, each.reason)
        known = digests.get(each.content)
        new = made.get(id(each))
        return self._store(each, known) if new is None else self._place(new, known)

    def _receive(self, each: Prepared | Refused, digests: Mapping[str, Digest]) -> Receipt:
        if isinstance(each, Refused):
            return self._quarantine(each.article, each.reason)
        try:
            with savepoint(self._connection):
                return self._store(each, digests.get(each.content))
        except StorageError:
            raise
        except DBAPIError as error:
            if not is_about_the_row(error):
                raise
            reason = f"the database refused it: {str(error.orig).strip()}"
        except Exception as error:
            log.exception("storing %s failed", each.article.url)
            reason = f"{type(error).__name__}: {error}"
        self._index.forget()
        return self._quarantine(each.article, reason)

    def _store(self, new: Prepared, digest: Digest | None) -> Receipt:
        new = replace(new, details=self._details(new))
        row = self._held_row(new.article.outlet, new.identity)
        if row is None:
            return self._place(self._insert([new])[0], digest)
        return self._add(row, new, digest)

    def _look_up(self, batch: Sequence[Prepared]) -> None:
        """Find all that is held of a batch's articles in one statement."""
        for part in batched(batch, _ASKED):
            asked = {(new.article.outlet, new.identity): None for new in part}
            of, who = (sorted(set(each)) for each in zip(*asked, strict=True))
            rows = self._connection.execute(_FIND_ALL, {"of": of, "who": who})
            found = {(row.outlet, row.identity): row for row in rows}
            self._held |= asked | {pair: found[pair] for pair in asked.keys() & found.keys()}

    def _held_row(self, of: str, who: str) -> AnyRow | None:
        """The row of an article as it is now: what was found of it is good for one use."""
        if (of, who) in self._held:
            return self._held.pop((of, who))
        return self._connection.execute(_FIND, {"of": of, "who": who}).one_or_none()

    def _insert_new(self, batch: Sequence[Prepared]) -> dict[int, Made]:
        """Insert all of a batch that are not held, before any is placed; by `id` of what is given."""
        first = {(new.article.outlet, new.identity): new for new in reversed(batch)}
        unknown = [new for who, new in reversed(first.items()) if self._held.get(who, ()) is None]
        for new in unknown:
            del self._held[new.article.outlet, new.identity]
        made = self._insert([replace(new, details=self._details(new)) for new in unknown])
        return dict(zip(map(id, unknown), made, strict=True))

    def _insert(self, news: Sequence[Prepared]) -> list[Made]:
        pairs = [(new, self._article_row(new)) for new in news]
        made = insert_articles(self._connection, pairs, self._now, self._run_id)
        for each in made:
            self._index.expect(each.id)
        return made

    def _article_row(self, new: Prepared) -> dict[str, Any]:
        values = article_values(new, self._now) | {"run_id": self._run_id}
        return values | {"next_check_at": self._first_check(new, values["first_seen_at"])}

    def _place(self, made: Made, digest: Digest | None) -> Receipt:
        """Put an article just inserted into its story."""
        if made.new.article.page_class is PageClass.ARTICLE:
            place_article(self._index, self._document(made.id, made.new, made.values), digest)
        else:
            self._index.stand_alone(made.id)
        return Receipt(Saved.NEW, made.id)

    def _add(self, row: AnyRow, new: Prepared, digest: Digest | None) -> Receipt:
        """Add what a further capture of a known article brought."""
        known, new = self._history(row.id, new)
        recorded = known.recorded(new.captured_at)
        seen = known.see(new.content, new.captured_at, new.article.page_class)
        changes = sight_changes(row, new)
        version_id = seen.version_id
        if not version_id and not seen.stub:
            version_id = self._add_version(
                row.id, new, recorded.at if recorded else new.captured_at
            )
            known.add(history.Held(version_id, new.content, new.article.page_class))
        if recorded is None and new.captured_at:
            outcome = "stub" if seen.stub else "same" if seen.version_id else "edited"
            self._add_capture(row.id, new, version_id or None, outcome)
            changes |= capture_changes(row, new)
        elif recorded and version_id and recorded.version_id != version_id:
            self._show(row.id, recorded, version_id)
        if version_id:
            known.sight(new.captured_at, version_id)
        if known.current() != row.version_id:
            changes |= said(current_values(new)) | {"version_id": known.current()}
        self._apply(row, changes, digest)
        keep_up(self._connection, row.id)
        edited = not seen.version_id and not seen.stub
        return Receipt(Saved.EDITED if edited else Saved.UNCHANGED, row.id)

    def _apply(self, row: AnyRow, changes: dict[str, Any], digest: Digest | None) -> None:
        if not changes:
            return
        self._update(row.id, changes)
        whole = changes.get("page_class", row.page_class) == PageClass.ARTICLE
        if whole and changes.keys() & {"version_id", "published_at", "seen_at"}:
            fresh = digest if "version_id" in changes else None
            document = load_documents(self._connection, [row.id])[row.id]
            place_article(self._index, document, fresh)

    def _details(self, new: Prepared) -> str | None:
        fetched = new.article.capture
        if fetched is None or new.details is None or fetched.truncated:
            return new.details
        who = (new.article.outlet, new.article.url, fetched.fetched_at, self._run_id)
        return as_siblings_show(self._witnesses, *who, new.details)

    def _document(self, article_id: int, new: Prepared, values: Mapping[str, Any]) -> Document:
        """An article just inserted, as `load_documents` would give it."""
        return Document(
            id=article_id,
            uid=uid(new.article.outlet, new.identity),
            title=new.article.title,
            text=new.article.text,
            language=new.article.language,
            outlet=new.article.outlet,
            published_at=new.article.published_at,
            first_seen_at=values["seen_at"],
            rank=self._ranks[new.article.outlet],
        )

    def _history(self, article_id: int, new: Prepared) -> tuple[history.History, Prepared]:
        """What is held, and what came with what its capture was known to lack before."""
        asked = {"me": article_id}
        versions = self._connection.execute(_VERSIONS, asked).all()
        captures = self._connection.execute(_CAPTURES, asked).all()
        recorded = history_of(versions, captures).recorded(new.captured_at)
        if recorded and new.details:
            held = next((row.details for row in versions if row.id == recorded.version_id), None)
            new = replace(new, details=without(new.details, has_none(held)))
        return history_of(versions, captures, new), new

    def _first_check(self, new: Prepared, seen_at: datetime) -> datetime | None:
        if new.captured_at is None:
            return None
        return first_check(
            title=new.article.title,
            published_at=new.article.published_at,
            seen_at=seen_at,
            looked=new.captured_at,
            rank=self._ranks[new.article.outlet],
            ladder=self._ladders.get(new.article.outlet),
        )

    def _show(self, article_id: int, recorded: history.Sighting, version_id: int) -> None:
        """Correct what a recorded capture showed: it was read again, by other rules."""
        at = (capture.c.article_id == article_id) & (capture.c.fetched_at == recorded.at)
        self._connection.execute(update(capture).where(at), {"version_id": version_id})

    def _add_version(self, article_id: int, new: Prepared, captured_at: datetime | None) -> int:
        row = version_row(new, article_id, captured_at, self._now)
        return int(self._connection.scalars(INSERT_VERSION, [row]).one())

    def _add_capture(
        self, article_id: int, new: Prepared, version_id: int | None, outcome: str
    ) -> None:
        if fetched := new.article.capture:
            row = capture_row(fetched, outcome, article_id, version_id, self._run_id)
            self._connection.execute(INSERT_CAPTURE, row)

    def _update(self, article_id: int, values: Mapping[str, Any]) -> None:
        self._connection.execute(update(article).where(article.c.id == article_id), values)

    def _add_outlets(self, names: set[str]) -> None:
        held = self._connection.execute(_RANKS.where(outlet.c.name.in_(names))).all()
        self._ranks = {row.name: row.rank for row in held}
        self._ladders = {row.name: row.ladder for row in held}
        for name in sorted(names - self._ranks.keys()):
            row = {"name": name, "rank": UNRANKED, "added_at": self._now}
            self._connection.execute(insert_new(self._connection, outlet), row)
            self._ranks[name] = UNRANKED

    def _quarantine(self, refused: Article, reason: str) -> Receipt:
        whole = payload(refused)
        values = {
            "run_id": self._run_id,
            "outlet": _ascii(refused.outlet),
            "url": _ascii(refused.url),
            "reason": _ascii(reason),
            "payload": whole,
            "payload_sha256": hashlib.sha256(whole.encode()).hexdigest(),
            "added_at": self._now,
        }
        self._connection.execute(insert_new(self._connection, quarantine), values)
        return Receipt(Saved.REJECTED, reason=reason)


def history_of(
    versions: Sequence[AnyRow], captures: Iterable[AnyRow], new: Prepared | None = None
) -> history.History:
    """The history of an article from its rows of `version` and of `capture`.

    With `new` those versions have its content that show the same, details and all.
    """
    held, sightings = [], [history.Sighting(row.fetched_at, row.version_id) for row in captures]
    contents = [row.content_sha256 for row in versions]
    if new is not None:
        contents = contents_as_seen(versions, new.content, new.details)
    for row, content in zip(versions, contents, strict=True):
        held.append(history.Held(row.id, content, PageClass(row.page_class)))
        if row.captured_at is None:
            sightings.append(history.Sighting(None, row.id))
    return history.History(held, sightings)


def _answered(batch: Iterable[Prepared]) -> dict[tuple[str, str], datetime]:
    """When pages of each kind answered last, of all that came together: their order tells nothing."""
    latest: dict[tuple[str, str], datetime] = {}
    for new in batch:
        if fetched := new.article.capture:
            for kind in witnessed_by(new.article.outlet, new.article.url, new.details):
                latest[kind] = max(fetched.fetched_at, latest.get(kind, fetched.fetched_at))
    return latest


def _ascii(text: Any) -> str:
    return str(text).encode("ascii", "backslashreplace").decode().replace("\0", "\\0")
