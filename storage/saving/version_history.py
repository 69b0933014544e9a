"""What each capture of an article showed, and which version counts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.records import PageClass

_EARLIEST_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version that is held."""

    id: int
    content: str
    page_class: PageClass


@dataclass(frozen=True, slots=True)
class VersionCapture:
    """A capture and the version that it showed (None: no text). An import has no time."""

    at: datetime | None
    version_id: int | None


@dataclass(frozen=True, slots=True)
class MatchedVersion:
    """What a capture showed: a version that is held, or a new one (0).

    `stub`: the whole text is held already, so the stub is no version of it.
    """

    version_id: int
    is_redundant_stub: bool = False


class VersionHistory:
    """The versions of one article and all sightings of them."""

    def __init__(
        self, versions: Iterable[StoredVersion], sightings: Iterable[VersionCapture]
    ) -> None:
        self._versions = {version.id: version for version in versions}
        self._captures = list(sightings)

    def find_capture(self, at: datetime | None) -> VersionCapture | None:
        """The sighting by the same fetch: WARC dates have whole seconds, live captures have more."""
        if at is None:
            return None
        same = (s for s in self._captures if s.at and _is_same_fetch_time(s.at, at))
        return next(same, None)

    def match_version(
        self, content: str, at: datetime | None, page_class: PageClass
    ) -> MatchedVersion:
        """What this content, fetched at this time, is to the article.

        An imported text, and a fetch that is recorded already, is compared with every version; any
        other with what the fetches just before and just after it showed. So an outlet that goes back
        to an earlier wording makes a new version, and reading a WARC again makes none.
        """
        whole = any(v.page_class is PageClass.ARTICLE for v in self._versions.values())
        if page_class is PageClass.STUB and whole:
            return MatchedVersion(0, is_redundant_stub=True)
        recorded = self.find_capture(at)
        if at is None or recorded:
            shown = recorded.version_id if recorded else None
            near = sorted(self._versions, key=lambda i: (i == shown, i), reverse=True)
        else:
            near = self._versions_around(at)
        return MatchedVersion(next((i for i in near if self._versions[i].content == content), 0))

    def add_version(self, version: StoredVersion) -> None:
        """Note a version just stored."""
        self._versions[version.id] = version

    def record_capture(self, at: datetime | None, version_id: int) -> None:
        """Note that this fetch showed this version, whatever it was thought to show before."""
        before = self.find_capture(at)
        if before is not None:
            self._captures.remove(before)
        self._captures.append(VersionCapture(before.at if before else at, version_id))

    def current_version_id(self) -> int:
        """The version that counts: of whole texts, else of stubs, the one seen last.

        Imported ones count as seen before all fetches, in the order in which they came.
        """

        def order(sighting: VersionCapture) -> tuple[bool, datetime, int]:
            version = self._versions[sighting.version_id or 0]
            whole = version.page_class is PageClass.ARTICLE
            return whole, sighting.at or _EARLIEST_TIME, version.id

        latest = max((s for s in self._captures if s.version_id), key=order)
        return latest.version_id or 0

    def _versions_around(self, at: datetime) -> list[int]:
        """The versions shown just before and just after a time."""
        shown = [(s.at or _EARLIEST_TIME, s.version_id) for s in self._captures if s.version_id]
        before = max((s for s in shown if s[0] <= at), default=None)
        after = min((s for s in shown if s[0] > at), default=None)
        return [each[1] for each in (before, after) if each]


def _is_same_fetch_time(one: datetime, other: datetime) -> bool:
    """Whether two times may be of one fetch: a whole second stands for all that it holds."""
    if one.microsecond and other.microsecond:
        return one == other
    return one.replace(microsecond=0) == other.replace(microsecond=0)
