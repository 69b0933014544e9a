"""What each capture of an article showed, and which version counts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.records import PageClass

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """A version that is held."""

    id: int
    content: str
    page_class: PageClass


@dataclass(frozen=True, slots=True)
class Sighting:
    """A capture and the version that it showed (None: no text). An import has no time."""

    at: datetime | None
    version_id: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a capture showed: a version that is held, or a new one (0).

    `stub`: the whole text is held already, so the stub is no version of it.
    """

    version_id: int
    stub: bool = False


class History:
    """The versions of one article and all sightings of them."""

    def __init__(self, versions: Iterable[Held], sightings: Iterable[Sighting]) -> None:
        self._versions = {version.id: version for version in versions}
        self._sightings = list(sightings)

    def recorded(self, at: datetime | None) -> Sighting | None:
        """The sighting by the same fetch: WARC dates have whole seconds, live captures have more."""
        if at is None:
            return None
        same = (s for s in self._sightings if s.at and _is_same(s.at, at))
        return next(same, None)

    def see(self, content: str, at: datetime | None, page_class: PageClass) -> Seen:
        """What this content, fetched at this time, is to the article.

        An imported text, and a fetch that is recorded already, is compared with every version; any
        other with what the fetches just before and just after it showed. So an outlet that goes back
        to an earlier wording makes a new version, and reading a WARC again makes none.
        """
        whole = any(v.page_class is PageClass.ARTICLE for v in self._versions.values())
        if page_class is PageClass.STUB and whole:
            return Seen(0, stub=True)
        recorded = self.recorded(at)
        if at is None or recorded:
            shown = recorded.version_id if recorded else None
            near = sorted(self._versions, key=lambda i: (i == shown, i), reverse=True)
        else:
            near = self._neighbours(at)
        return Seen(next((i for i in near if self._versions[i].content == content), 0))

    def add(self, version: Held) -> None:
        """Note a version just stored."""
        self._versions[version.id] = version

    def sight(self, at: datetime | None, version_id: int) -> None:
        """Note that this fetch showed this version, whatever it was thought to show before."""
        before = self.recorded(at)
        if before is not None:
            self._sightings.remove(before)
        self._sightings.append(Sighting(before.at if before else at, version_id))

    def current(self) -> int:
        """The version that counts: of whole texts, else of stubs, the one seen last.

        Imported ones count as seen before all fetches, in the order in which they came.
        """

        def order(sighting: Sighting) -> tuple[bool, datetime, int]:
            version = self._versions[sighting.version_id or 0]
            whole = version.page_class is PageClass.ARTICLE
            return whole, sighting.at or _BEFORE_ALL, version.id

        latest = max((s for s in self._sightings if s.version_id), key=order)
        return latest.version_id or 0

    def _neighbours(self, at: datetime) -> list[int]:
        """The versions shown just before and just after a time."""
        shown = [(s.at or _BEFORE_ALL, s.version_id) for s in self._sightings if s.version_id]
        before = max((s for s in shown if s[0] <= at), default=None)
        after = min((s for s in shown if s[0] > at), default=None)
        return [each[1] for each in (before, after) if each]


def _is_same(one: datetime, other: datetime) -> bool:
    """Whether two times may be of one fetch: a whole second stands for all that it holds."""
    if one.microsecond and other.microsecond:
        return one == other
    return one.replace(microsecond=0) == other.replace(microsecond=0)
