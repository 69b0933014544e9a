"""Keeps the numbers of articles, versions, stories and reports when an export comes into an empty database.

`ImportNumbers.open` reads the files once before the import. While the articles are stored, they get
their ids, and a story gets the number that its lead document had. `finish` takes over the decisions
and gives all stories the numbers of the export, as if the exported stories had just been computed
again. After a kill, the same import goes on where it was.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, select

from dedup.copies.placement import recompute_stories
from dedup.records import DecisionVerb
from storage.clean import clean_text
from storage.database import Database
from storage.dialects import lock_placement
from storage.export.formats.companions import companion_path, partition_companion_path
from storage.importers.exported_rows import is_exported, parse_id
from storage.importers.exported_states import restore_states
from storage.importers.files import read_companion_rows, read_numbered_rows
from storage.importers.jsonl_reader import BadLine
from storage.importers.report_numbers import give_up_provisional_numbers, restore_redirects
from storage.importers.stated_dates import parse_time
from storage.importers.story_numbers import (
    ImportedStories,
    give_exported_numbers,
    restore_moves,
)
from storage.importers.tables.form import TableOptions
from storage.index.carriers import bring_numbers
from storage.index.sql_index import SqlIndex
from storage.records import Article, ExportedState, Receipt
from storage.saving.kept_numbers import HighestNumbers, raise_sequences
from storage.statements import insert_or_ignore
from storage.tables.articles import article, decision, is_article, story
from storage.tables.columns import in_bound_list
from storage.tables.meta import get_meta, meta, set_meta

_UNFINISHED_KEY = "import.numbers"


@dataclass(slots=True)
class ImportNumbers:
    """The numbers of an export that an import keeps. `open` makes it.

    `highest`: the highest numbers in the export, for `Database.save`.
    """

    highest: HighestNumbers
    _exported_ids: "array[int]" = field(default_factory=lambda: array("q"))
    _ids: "array[int]" = field(default_factory=lambda: array("q"))
    _stories: "array[int]" = field(default_factory=lambda: array("q"))
    _reports: "array[int]" = field(default_factory=lambda: array("q"))
    _leads: "array[int]" = field(default_factory=lambda: array("b"))
    _states: dict[int, ExportedState] = field(default_factory=dict)

    @classmethod
    def open(
        cls, database: Database, files: Sequence[Path], options: TableOptions | None = None
    ) -> "ImportNumbers | None":
        """Returns the numbers that an import of these files keeps, None if it keeps none.

        It keeps them if the database is empty, or holds a part of the same import, and if all rows
        are of one export: each has an identity and an id of its own. Raises OSError if a file
        cannot be read, and StorageError.
        """
        unfinished = database.read(_load_unfinished)
        if unfinished is None:
            return None
        highest = _scan(files, options or TableOptions())
        if highest is None or unfinished not in ("", str(highest)):
            return None

        def begin(connection: Connection) -> None:
            lock_placement(connection)
            set_meta(connection, _UNFINISHED_KEY, str(highest))
            raise_sequences(connection, highest)

        if not unfinished:
            database.write(begin)
        return cls(highest)

    def record(self, articles: Sequence[Article], receipts: Sequence[Receipt]) -> None:
        """Records which ids the articles of the export got."""
        for each, receipt in zip(articles, receipts, strict=True):
            if each.exported and receipt.article_id:
                self._exported_ids.append(each.exported.id)
                self._ids.append(receipt.article_id)
                self._stories.append(each.exported.story)
                self._reports.append(each.exported.report)
                self._leads.append(each.exported.is_lead)
                if each.exported.state:
                    self._states[receipt.article_id] = each.exported.state

    def finish(self, database: Database, files: Sequence[Path], *, places: bool = True) -> None:
        """Takes over decisions, numbers of stories, what former numbers lead to, and deletions.

        `places`: False if the articles are not placed yet: then stories and reports get new numbers.
        Raises OSError if a file cannot be read, and StorageError; then nothing is taken over.
        """
        scheme = database.scheme

        def work(connection: Connection) -> None:
            lock_placement(connection)
            ids = dict(zip(self._exported_ids, self._ids, strict=True))
            decided_ids = _restore_decisions(
                connection, _iter_companion_rows(files, "decisions"), ids
            )
            if places:
                index = SqlIndex(connection, scheme)
                recompute_stories(index, decided_ids)
                index.finish()
                self._restore_numbers(connection, files, ids)
            states = _iter_companion_rows(files, "states")
            restore_states(connection, self._states, states, ids)
            connection.execute(delete(meta).where(meta.c.key == _UNFINISHED_KEY))

        database.write(work)

    def _restore_numbers(
        self, connection: Connection, files: Sequence[Path], ids: Mapping[int, int]
    ) -> None:
        bring_numbers(connection, dict(zip(self._ids, self._reports, strict=True)))
        give_exported_numbers(connection, self._imported_stories(), self.highest.story)
        give_up_provisional_numbers(connection, self.highest.report)
        restore_moves(connection, list(_iter_companion_rows(files, "moves")), ids)
        restore_redirects(connection, _iter_companion_rows(files, "report_moves"), ids)

    def _imported_stories(self) -> ImportedStories:
        ids, first = np.unique(np.array(self._ids, np.int64), return_index=True)
        return ImportedStories(
            ids,
            np.array(self._stories, np.int64)[first],
            np.array(self._leads, np.bool_)[first],
        )


def _load_unfinished(connection: Connection) -> str | None:
    """Returns the numbers of the unfinished import, "" for an empty database, else None."""
    stored = get_meta(connection, _UNFINISHED_KEY)
    if stored is not None:
        return stored
    filled = (connection.execute(select(table.c.id).limit(1)).first() for table in (article, story))
    return None if any(filled) else ""


def _scan(files: Sequence[Path], options: TableOptions) -> HighestNumbers | None:
    """Returns the highest numbers of an export; None if the files are not those of one export."""
    ids, highest_story, highest_report = array("q"), 0, 0
    for file in files:
        for _, row in read_numbered_rows(file, options=options):
            if isinstance(row, BadLine):
                continue
            article_id = parse_id(row, "id", "stories_id")
            if not article_id or not is_exported(row):
                return None
            ids.append(article_id)
            highest_story = max(highest_story, parse_id(row, "story"))
            highest_report = max(highest_report, parse_id(row, "report"))
    if not ids or len(np.unique(np.array(ids, np.int64))) < len(ids):
        return None
    versions = (parse_id(row, "version") for row in _iter_companion_rows(files, "versions"))
    former = (parse_id(row, "story") for row in _iter_companion_rows(files, "moves"))
    former_reports = (
        parse_id(row, "report") for row in _iter_companion_rows(files, "report_moves")
    )
    return HighestNumbers(
        article=max(ids),
        version=max(versions, default=0),
        story=max(highest_story, max(former, default=0)),
        report=max(highest_report, max(former_reports, default=0)),
    )


def _iter_companion_rows(files: Sequence[Path], table: str) -> Iterator[Mapping[str, Any]]:
    named = (
        path
        for file in files
        for path in (companion_path(file, table), partition_companion_path(file, table))
        if path
    )
    for path in dict.fromkeys(named):
        if path.is_file():
            yield from (row for _, row in read_companion_rows(path) if not isinstance(row, BadLine))


def _restore_decisions(
    connection: Connection, rows: Iterator[Mapping[str, Any]], ids: Mapping[int, int]
) -> set[int]:
    """Stores the exported decisions on whole articles; returns the ids of these."""
    decisions = []
    for row in rows:
        ends = [ids.get(parse_id(row, name), 0) for name in ("a", "b")]
        decided_at, verb = parse_time(row.get("decided_at"))[0], row.get("verb")
        if all(ends) and ends[0] != ends[1] and decided_at and verb in list(DecisionVerb):
            a, b = sorted(ends)
            note = clean_text(str(row.get("note") or ""))
            decisions.append({"a": a, "b": b, "verb": verb, "note": note, "decided_at": decided_at})
    query = select(article.c.id).where(in_bound_list(article.c.id, "ids"), is_article())
    wanted = sorted({each[end] for each in decisions for end in ("a", "b")})
    whole = set(connection.scalars(query, {"ids": wanted}))
    kept = [each for each in decisions if {each["a"], each["b"]} <= whole]
    if kept:
        connection.execute(insert_or_ignore(connection, decision), kept)
    return {each[end] for each in kept for end in ("a", "b")}
