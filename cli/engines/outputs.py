"""The rows that `nkwire cluster` writes, the same whatever engine made them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cli.errors import UserError
from cli.show.outputs import check_one_result, open_result
from cli.show.printing import dumps
from dedup.records import Relation
from dedup.temporary_folder import temporary_folder
from storage.archive.filesystem import RemoteFiles
from storage.archive.location import check_address, is_address
from storage.export.formats.output_files import open_output

if TYPE_CHECKING:
    from dedup.bulk.cluster import Clustering

_ends_of = attrgetter("a_start", "a_end", "b_start", "b_end")


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files to write, each if it is named."""

    groups: str | None
    relations: str | None
    reports: str | None

    @property
    def is_empty(self) -> bool:
        """Whether none is named; then the stories go to standard output."""
        return not (self.groups or self.relations or self.reports)

    @property
    def needs_reports(self) -> bool:
        """Whether reports must be found: they have relations of their own."""
        return self.relations is not None or self.reports is not None

    def check(self) -> None:
        """Raises UserError if a file cannot be made for lack of its folder or bucket.

        Or if two would go to standard output. Raises MissingLibrary and ArchiveError as `RemoteFiles`.
        """
        outputs = [each for each in (self.groups, self.relations, self.reports) if each]
        check_one_result(*map(Path, outputs))
        for output in outputs:
            if is_address(output):
                _parent(output)[0].require_root()
            elif not Path(output).absolute().parent.is_dir():
                raise UserError(f"{output}: there is no folder {Path(output).parent}")


@dataclass(slots=True)
class Summary:
    """What a run found. `rejected`: articles and decisions that were left out, by cause.

    `messages`: cause and message of the first of them. `groups`: the stories of two or more articles,
    if there was no file to write them to.
    """

    articles: int = 0
    stories: int = 0
    shared_stories: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    messages: list[tuple[str, str]] = field(default_factory=list)
    groups: list[list[str]] = field(default_factory=list)


def relation_line(relation: Relation, names: Mapping[int, str]) -> bytes:
    """Returns a relation as a JSON line. `names`: the ids in the file of both articles."""
    row = {
        "a": names[relation.a],
        "b": names[relation.b],
        "relation": relation.kind,
        "jaccard": round(relation.jaccard, 4),
        "containment_ab": round(relation.containment_ab, 4),
        "containment_ba": round(relation.containment_ba, 4),
        "reason": relation.reason,
        "source": names[relation.source] if relation.source else None,
        "spans": [_ends_of(span) for span in relation.spans],
    }
    return _encode(dumps(row) + "\n")


@contextmanager
def open_target(output: str) -> Iterator[IO[bytes]]:
    """Opens an output: a path, `-`, or an address where the file appears when all of it is there.

    Raises UserError, CannotWrite, MissingLibrary and ArchiveError.
    """
    if not is_address(output):
        with open_result(Path(output)) as file:
            yield file
        return
    files, name = _parent(output)
    with temporary_folder() as folder:
        with open_output(folder / name) as file:
            yield file
        files.put(folder / name, name)


def _parent(output: str) -> tuple[RemoteFiles, str]:
    folder, _, name = check_address(output).rpartition("/")
    if folder.endswith(":/"):
        raise UserError(f"{output} names a bucket only: add a name, as in {output}/stories.json")
    return RemoteFiles(folder), name


def write_groups(file: IO[bytes], groups: Iterable[list[str]]) -> None:
    """Writes sorted groups of ids as one JSON list, a group at a time."""
    separator = "["
    for group in groups:
        file.write(_encode(separator + json.dumps(group, ensure_ascii=False)))
        separator = ", "
    file.write(b"[]\n" if separator == "[" else b"]\n")


def write_clustering(
    clustering: "Clustering", ids: Mapping[int, str], outputs: Outputs, summary: Summary
) -> None:
    """Writes the files of a run in one process; without any, notes the groups in `summary`.

    `ids`: the ids in the files. Raises as `open_target`.
    """
    stories = groups_of_ids((story.members for story in clustering.stories), ids)
    if outputs.groups:
        with open_target(outputs.groups) as file:
            write_groups(file, stories)
    if outputs.relations:
        with open_target(outputs.relations) as file:
            for relation in clustering.relations:
                file.write(relation_line(relation, ids))
    if outputs.reports:
        with open_target(outputs.reports) as file:
            write_groups(file, groups_of_ids(clustering.report_members, ids))
    if outputs.is_empty:
        summary.groups = stories


def groups_of_ids(groups: Iterable[Sequence[int]], ids: Mapping[int, str]) -> list[list[str]]:
    """Returns the sets of two or more articles as ids of the file, sorted."""
    return sorted(sorted(ids[i] for i in members) for members in groups if len(members) > 1)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
