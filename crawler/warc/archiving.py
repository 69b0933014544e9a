"""Puts the recordings of ended runs into the archive, each as a whole, and notes it.

A recording is written here first, in `warc/` of the home folder. What a killed process or a failed
upload leaves is found by the next sweep. Two sweeps at once are harmless.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.warc.retention import RunRecording, parse_recording_name
from storage.archive.archive import Archive, recording_key
from storage.errors import ArchiveConflict, ArchiveError
from storage.runs.recordings import ArchiveState

if TYPE_CHECKING:
    from storage import Database

_PATTERN = "*.warc*"


@dataclass(frozen=True, slots=True)
class LocalRecording:
    """A WARC file here. `run`: what its name says; None if no run made it. `state`: of its run."""

    file: Path
    size: int
    run: RunRecording | None
    state: ArchiveState

    @property
    def key(self) -> str:
        """Its name in the archive. What no run made is found by its own name."""
        return recording_key(self.run.outlet if self.run else "", self.file.name)


@dataclass(slots=True)
class SweepResult:
    """What a sweep did. `uploaded`: files; `found`: those whose bytes the archive had already.

    `conflicts`: one line for each file that differs from the object of its name, or that cannot be
    read. `problem`: why the sweep broke off, with `left` files not archived; they stay here.
    """

    uploaded: list[Path] = field(default_factory=list)
    uploaded_bytes: int = 0
    found: int = 0
    conflicts: list[str] = field(default_factory=list)
    problem: ArchiveError | None = None
    left: int = 0


class Sweeper:
    """Archives the recordings in folders. Keeps in mind which files need no further look.

    `folders`: as `storage.files.recordings.recording_folders` returns them.
    """

    def __init__(self, database: "Database", archive: Archive, folders: Sequence[Path]) -> None:
        self.archive = archive
        self._database = database
        self._folders = tuple(folders)
        self._settled: dict[Path, int] = {}  # files by path, with their bytes

    def sweep(
        self,
        *,
        is_stopped: Callable[[], bool] = lambda: False,
        on_file: Callable[[LocalRecording], None] = lambda _: None,
    ) -> SweepResult:
        """Archives each recording of an ended run that is not archived yet.

        `is_stopped`: asked between two files. `on_file`: called after each. An archive that fails
        is a problem in the result. Raises StorageError of the database, and MissingLibrary.
        """
        due = []
        for each in self.look():
            if each.state is ArchiveState.DUE:
                due.append(each)
            elif each.state is not ArchiveState.RUNNING:
                self._settled[each.file] = each.size
        return self.upload(due, is_stopped=is_stopped, on_file=on_file)

    def look(self) -> list[LocalRecording]:
        """Returns the files here that this object has not settled, the oldest name first."""
        files = dict(self._iter_files())
        parsed = {file: parse_recording_name(file) for file in files}
        sizes = {run.run_identity: files[file] for file, run in parsed.items() if run}
        states = self._database.recordings.archive_states(sizes, str(self.archive))
        unknown = ArchiveState.UNKNOWN
        return [
            LocalRecording(
                file, size, run, states.get(run.run_identity, unknown) if run else unknown
            )
            for file, size in files.items()
            for run in (parsed[file],)
        ]

    def upload(
        self,
        recordings: Sequence[LocalRecording],
        *,
        is_stopped: Callable[[], bool] = lambda: False,
        on_file: Callable[[LocalRecording], None] = lambda _: None,
    ) -> SweepResult:
        """Archives these recordings, one after the other, as `sweep` does."""
        result = SweepResult()
        for number, each in enumerate(recordings):
            if is_stopped():
                result.left = len(recordings) - number
                break
            try:
                self._upload_one(each, result)
            except ArchiveConflict as error:
                result.conflicts.append(str(error))
                self._settled[each.file] = each.size
            except ArchiveError as error:
                result.problem, result.left = error, len(recordings) - number
                break
            except FileNotFoundError:  # another process tidies up
                continue
            except OSError as error:
                result.conflicts.append(f"{each.file} cannot be read: {error.strerror or error}")
                self._settled[each.file] = each.size
            on_file(each)
        return result

    def _upload_one(self, each: LocalRecording, result: SweepResult) -> None:
        is_new = self.archive.put(each.file, each.key)
        if each.run and each.state is not ArchiveState.UNKNOWN:
            identity = each.run.run_identity
            self._database.recordings.note_archived(identity, str(self.archive), each.size)
        self._settled[each.file] = each.size
        if is_new:
            result.uploaded.append(each.file)
            result.uploaded_bytes += each.size
        else:
            result.found += 1

    def _iter_files(self) -> Iterator[tuple[Path, int]]:
        for folder in self._folders:
            for file in sorted(folder.rglob(_PATTERN)):
                try:
                    size = file.stat().st_size
                except OSError:  # another process tidies up
                    continue
                if file.is_file() and self._settled.get(file) != size:
                    yield file, size
