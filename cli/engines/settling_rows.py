"""Connected components to stories: a step of an engine as a function of Arrow batches."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import pyarrow as pa

from cli.engines.arrow_rows import Batches, Row, iter_rows, to_batches
from cli.engines.comparing_rows import (
    EMPTY,
    INNER,
    OUTSIDE,
    RESULTS,
    STORY,
    UNSETTLED,
    WITNESS,
    relation_result,
)
from cli.engines.job import Job
from dedup.bulk import steps
from dedup.bulk.flat_rows import DOCUMENTS, RELATIONS
from dedup.bulk.spill import DiskStore
from dedup.errors import DedupError
from dedup.records import Document, Member, Relation, Story
from dedup.temporary_folder import temporary_folder


def settle(job: Job, batches: Batches, *, has_texts: bool) -> Iterator[pa.RecordBatch]:
    """Settles components; yields `RESULTS`.

    `batches`: all `PARTS` of some components; those of one component follow each other, by part,
    then by article. `has_texts`: whether documents come with their texts. Without them, a component
    that needs them is `UNSETTLED`.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder()) if has_texts else None
        yield from to_batches(
            RESULTS,
            (
                row
                for root, group in groupby(iter_rows(batches), key=itemgetter(0))
                for row in _settle_rows(job, root, group, folder)
            ),
        )


class _TextsNeeded(DedupError):
    """Raised to leave `dedup.bulk.steps.settle` where texts are needed and not here."""


@dataclass(slots=True)
class _Parts:
    """The parts of one component."""

    members: list[Member] = field(default_factory=list)
    outside: list[Member] = field(default_factory=list)
    inner: list[Relation] = field(default_factory=list)
    witnesses: list[Relation] = field(default_factory=list)
    surplus_ids: set[int] = field(default_factory=set)
    names: dict[int, bytes] = field(default_factory=dict)
    carriers: dict[int, Document] = field(default_factory=dict)
    grades: dict[int, int] = field(default_factory=dict)
    documents: dict[int, Document] = field(default_factory=dict)

    def add_document(self, row: Row, document: Document) -> None:
        """Adds an article. `document`: it, without its text."""
        _, part, row_id, _, _, text_hash, name, _, grade, _ = row
        if part == OUTSIDE:
            self.outside.append(Member.from_document(document, b""))
            return
        self.members.append(Member.from_document(document, text_hash))
        self.names[row_id] = name
        self.documents[row_id] = document
        if grade is not None:
            self.carriers[row_id], self.grades[row_id] = document, grade

    def add_relation(self, row: Row) -> None:
        """Adds a relation."""
        relation = RELATIONS.decode(row[4])
        (self.inner if row[1] == INNER else self.witnesses).append(relation)
        if row[1] == INNER and row[9]:
            self.surplus_ids.add(relation.b)


def _settle_rows(job: Job, root: int, rows: Iterable[Row], folder: Path | None) -> Iterator[Row]:
    parts = _Parts()
    with ExitStack() as stack:
        store = stack.enter_context(DiskStore(folder / "texts", DOCUMENTS)) if folder else None
        for row in rows:
            if row[1] in (INNER, WITNESS):
                parts.add_relation(row)
                continue
            document = DOCUMENTS.decode(row[4])
            if store is not None:
                store.put(document.id, document)
            parts.add_document(row, replace(document, title="", text=""))
        try:
            settled = steps.settle(_component(job, parts), store.get if store else _need_texts)
        except _TextsNeeded:
            yield (UNSETTLED, root, *EMPTY[2:])
            return
    for story in settled.stories:
        yield _story_result(story, parts)
    for relation in settled.relations:
        yield relation_result(relation, parts.names)


def _need_texts(ids: Collection[int]) -> Mapping[int, Document]:
    raise _TextsNeeded


def _component(job: Job, parts: _Parts) -> steps.Component:
    return steps.Component(
        members=parts.members,
        relations=parts.inner,
        witnesses=parts.witnesses,
        outside=parts.outside,
        decisions={d for i in parts.names for d in job.decisions_by_id.get(i, ())},
        surplus_ids=parts.surplus_ids,
    )


def _story_result(story: Story, parts: _Parts) -> Row:
    head = steps.choose_head(story, parts.carriers)
    names = [parts.names[each] for each in story.members]
    shown = (len(names), sorted(names))
    if head is None:
        return (STORY, story.lead, None, None, None, *shown, *EMPTY[7:])
    lead = DOCUMENTS.encode(parts.documents[story.lead])
    members = np.array(story.members, np.int64).tobytes()
    return (
        *(STORY, story.lead, head.id, None, None),
        *(*shown, members, names, lead, parts.grades[head.id]),
    )
