"""Decides which version a capture showed, and which version is current. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.records import CaptureOutcome, PageClass

_EARLIEST_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A stored version. `content`: the hash of its title and text."""

    id: int
    content: str
    page_class: PageClass


@dataclass(frozen=True, slots=True)
class VersionCapture:
    """A capture and the version that it showed.

    `at`: None for an import. `version_id`: None if there was no text.
    """

    at: datetime | None
    version_id: int | None


@dataclass(frozen=True, slots=True)
class MatchedVersion:
    """The version that a capture showed.

    `version_id`: a stored version, 0 for a new one. `is_redundant_stub`: the capture is a stub and
    the whole text is stored already, so the stub is not a version.
    """

    version_id: int
    is_redundant_stub: bool = False

    @property
    def capture_outcome(self) -> CaptureOutcome:
        """The outcome of a further capture of a known article."""
        if self.is_redundant_stub:
            return CaptureOutcome.STUB
        return CaptureOutcome.SAME if self.version_id else CaptureOutcome.EDITED


class VersionHistory:
    """The versions of one article and the captures that showed them."""

    def __init__(
        self, versions: Iterable[StoredVersion], captures: Iterable[VersionCapture]
    ) -> None:
        self._versions = {version.id: version for version in versions}
        self._captures = list(captures)

    def find_capture(self, at: datetime | None) -> VersionCapture | None:
        """Finds the recorded capture of the same fetch; a WARC date may lack the microseconds."""
        if at is None:
            return None
        matches = (
            capture
            for capture in self._captures
            if capture.at and _is_same_fetch_time(capture.at, at)
        )
        return next(matches, None)

    def match_version(
        self, content: str, at: datetime | None, page_class: PageClass
    ) -> MatchedVersion:
        """Decides which version this content, fetched at this time, belongs to.

        An imported text and a fetch that is already recorded are compared with all versions. Any
        other fetch is compared only with the versions of the fetches just before and just after it.
        So an outlet that returns to an earlier wording makes a new version, and reading a WARC file
        again makes none.
        """
        has_whole_text = any(
            version.page_class is PageClass.ARTICLE for version in self._versions.values()
        )
        if page_class is PageClass.STUB and has_whole_text:
            return MatchedVersion(0, is_redundant_stub=True)
        recorded_capture = self.find_capture(at)
        if at is None or recorded_capture:
            shown_id = recorded_capture.version_id if recorded_capture else None
            candidates = sorted(
                self._versions,
                key=lambda version_id: (version_id == shown_id, version_id),
                reverse=True,
            )
        else:
            candidates = self._versions_around(at)
        return MatchedVersion(
            next(
                (
                    version_id
                    for version_id in candidates
                    if self._versions[version_id].content == content
                ),
                0,
            )
        )

    def add_version(self, version: StoredVersion) -> None:
        """Adds a version that was just stored."""
        self._versions[version.id] = version

    def record_capture(self, at: datetime | None, version_id: int) -> None:
        """Records that this fetch showed this version; replaces an earlier record of the fetch."""
        previous = self.find_capture(at)
        if previous is not None:
            self._captures.remove(previous)
        self._captures.append(VersionCapture(previous.at if previous else at, version_id))

    def current_version_id(self) -> int:
        """Returns the id of the current version: the latest whole text, else the latest stub.

        Imported versions rank before all fetches, in the order of their ids.
        """

        def order(capture: VersionCapture) -> tuple[bool, datetime, int]:
            version = self._versions[capture.version_id or 0]
            is_whole_text = version.page_class is PageClass.ARTICLE
            return is_whole_text, capture.at or _EARLIEST_TIME, version.id

        latest = max((capture for capture in self._captures if capture.version_id), key=order)
        return latest.version_id or 0

    def _versions_around(self, at: datetime) -> list[int]:
        """Returns the versions that were shown just before and just after a time."""
        shown_versions = [
            (item.at or _EARLIEST_TIME, item.version_id)
            for item in self._captures
            if item.version_id
        ]
        before = max((item for item in shown_versions if item[0] <= at), default=None)
        after = min((item for item in shown_versions if item[0] > at), default=None)
        return [each[1] for each in (before, after) if each]


def _is_same_fetch_time(one: datetime, other: datetime) -> bool:
    """Whether two times may belong to one fetch; a time without microseconds matches its second."""
    if one.microsecond and other.microsecond:
        return one == other
    return one.replace(microsecond=0) == other.replace(microsecond=0)
