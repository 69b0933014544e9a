"""Where one capture belongs among the versions held, and which version counts. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.records import PageClass

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """A version that is held. `captured_at`: None for an imported one."""

    id: int
    content: str
    captured_at: datetime | None
    page_class: PageClass

    @property
    def order(self) -> tuple[datetime, int]:
        """Sorts versions as the outlet printed them; imported ones come before captured ones."""
        return self.captured_at or _BEFORE_ALL, self.id


@dataclass(frozen=True, slots=True)
class Seen:
    """What a capture showed: a version that is held (`version_id`), or a new one (0).

    `stub`: the whole text is held already, so the stub is no version of it.
    """

    version_id: int
    stub: bool = False


def place(
    held: Sequence[Held],
    content: str,
    captured_at: datetime | None,
    page_class: PageClass,
    capture_times: Collection[datetime],
) -> Seen:
    """What this content, seen at this time, is to an article with these versions and captures.

    Imported text, and a capture that is held already, is compared with every version; any other
    capture with the version before it in time and the one after it. So an outlet that goes back to an
    earlier wording has made a new version, and reading a WARC again makes none.
    """
    if page_class is PageClass.STUB and any(v.page_class is PageClass.ARTICLE for v in held):
        return Seen(0, stub=True)
    same = [version for version in held if version.content == content]
    if captured_at is None or _second(captured_at) in {_second(time) for time in capture_times}:
        return Seen(max(same, key=lambda v: v.order).id if same else 0)
    ordered = sorted(held, key=lambda version: version.order)
    before = [version for version in ordered if (version.captured_at or _BEFORE_ALL) <= captured_at]
    near = [*before[-1:], *ordered[len(before) : len(before) + 1]]
    return Seen(next((version.id for version in near if version.content == content), 0))


def current(held: Sequence[Held]) -> Held:
    """The version that counts: the latest captured whole text, else the latest stub."""
    return max(held, key=lambda v: (v.page_class is PageClass.ARTICLE, v.order))


def already(capture_times: Collection[datetime], at: datetime) -> bool:
    """Whether this fetch is held. WARC dates have whole seconds, live captures have more."""
    return _second(at) in {_second(time) for time in capture_times}


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
