"""Groups the stories of touched days into reports, going on until a change has no more effect.

Reads only. The result depends on the stored stories and on the groups of the days before the first
touched day, as `dedup.reports.days` describes.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, Date, bindparam, func, select

from dedup.reports.cues import CUES_VERSION, Cues, decode_cues, extract_cues
from dedup.reports.days import OPEN_DAYS, place_day
from storage.index.sql_index import load_documents
from storage.tables.columns import AnyRow
from storage.tables.meta import get_meta
from storage.tables.reports import carrier, carrying_story, touched_day

MAX_STORIES_PER_PLAN = 2_000
"""A plan ends after the day on which it has this many stories, and another one goes on."""

GENERATION_KEY = "reports.generation"

_OPEN = timedelta(days=OPEN_DAYS)
_STORIES_QUERY = (
    select(carrying_story, carrier.c.cues_version, carrier.c.cues)
    .join_from(carrying_story, carrier, carrier.c.article_id == carrying_story.c.article_id)
    .where(
        carrying_story.c.day.between(bindparam("first", type_=Date), bindparam("last", type_=Date))
    )
    .order_by(carrying_story.c.story_id)
)
_TOUCHES_QUERY = select(touched_day).where(touched_day.c.day == bindparam("day", type_=Date))
_NEXT_DAY_QUERIES = tuple(
    select(func.min(table.c.day)).where(table.c.day > bindparam("last", type_=Date))
    for table in (carrying_story, touched_day)
)


@dataclass(frozen=True, slots=True)
class DatedStory:
    """A story of a day, by the cues of the article that stands for it.

    `report_id`: as in `carrying_story`.
    """

    id: int
    day: date
    carries: bool
    report_id: int | None
    cues: Cues


@dataclass(slots=True)
class StoryGroup:
    """Stories of the planned days that carry one report.

    `earlier_id`: the stored `report_id` of the group of earlier days that they joined, if any.
    """

    earlier_id: int | None
    stories: list[DatedStory] = field(default_factory=list)


@dataclass(slots=True)
class DayPlan:
    """How the stories of the days from `first` to `last` are grouped.

    `touch_ids`: the rows of `touched_day` that the plan settles. `touched_story_ids`: the stories
    that they name. `next_day`: a day after `last` that must be worked out too. `generation`: as
    stored when the plan was made.
    """

    first: date
    last: date
    generation: int
    groups: list[StoryGroup] = field(default_factory=list)
    touch_ids: list[int] = field(default_factory=list)
    touched_story_ids: set[int] = field(default_factory=set)
    next_day: date | None = None


def plan_days(connection: Connection) -> DayPlan | None:
    """Groups the stories of the first touched day and of the days after it that may change.

    Returns None if no day is touched.
    """
    first = connection.scalar(select(func.min(touched_day.c.day)))
    return None if first is None else _Planner(connection, first).plan()


def load_generation(connection: Connection) -> int:
    """Returns how often reports were stored; a plan of an earlier generation must not be stored."""
    return int(get_meta(connection, GENERATION_KEY) or 0)


class _Planner:
    def __init__(self, connection: Connection, first: date) -> None:
        self._connection = connection
        self._plan = DayPlan(first, first, load_generation(connection))
        self._window: deque[tuple[DatedStory, int]] = deque()
        self._groups = self._plan.groups
        self._last_touched = first
        self._story_count = 0

    def plan(self) -> DayPlan:
        self._load_window()
        day: date | None = self._plan.first
        while day is not None:
            self._place(day)
            self._plan.last = day
            day = self._next_day()
            if day is not None and self._story_count >= MAX_STORIES_PER_PLAN:
                self._plan.next_day = day
                break
        return self._plan

    def _load_window(self) -> None:
        """Loads the groups of the days before the first one."""
        first = self._plan.first
        group_by_id: dict[int | None, int] = {}
        for story in self._load_stories(first - _OPEN, first - timedelta(days=1)):
            if story.report_id not in group_by_id:
                group_by_id[story.report_id] = len(self._groups)
                self._groups.append(StoryGroup(story.report_id))
            if story.cues.published_at is not None:
                self._window.append((story, group_by_id[story.report_id]))
        self._window = deque(sorted(self._window, key=lambda entry: entry[0].day))

    def _place(self, day: date) -> None:
        for touch in self._connection.execute(_TOUCHES_QUERY, {"day": day}):
            self._plan.touch_ids.append(touch.id)
            self._last_touched = day
            if touch.story_id is not None:
                self._plan.touched_story_ids.add(touch.story_id)
        stories = {story.cues.id: story for story in self._load_stories(day, day)}
        self._story_count += len(stories)
        self._expire(day)
        open_groups = self._open_groups()
        arrivals = [each.cues for each in stories.values() if each.cues.published_at is not None]
        placed = place_day([cues for _, cues in open_groups], arrivals) if arrivals else []
        for position, members in enumerate(placed):
            arrived = [stories[cues.id] for cues in members if cues.id in stories]
            if position < len(open_groups):
                self._add(open_groups[position][0], arrived)
            else:
                self._add(self._new_group(), arrived)
        for story in stories.values():
            if story.cues.published_at is None:
                self._groups[self._new_group()].stories.append(story)

    def _open_groups(self) -> list[tuple[int, list[Cues]]]:
        """Returns the groups of the window with their cues."""
        cues_by_group: defaultdict[int, list[Cues]] = defaultdict(list)
        for story, group in self._window:
            cues_by_group[group].append(story.cues)
        return list(cues_by_group.items())

    def _new_group(self) -> int:
        self._groups.append(StoryGroup(None))
        return len(self._groups) - 1

    def _add(self, group: int, stories: Sequence[DatedStory]) -> None:
        self._groups[group].stories += stories
        self._window += ((story, group) for story in stories)

    def _expire(self, day: date) -> None:
        while self._window and self._window[0][0].day < day - _OPEN:
            self._window.popleft()

    def _next_day(self) -> date | None:
        """Returns the next day that must be grouped again; None if no later day can change."""
        found = [
            self._connection.scalar(query, {"last": self._plan.last}) for query in _NEXT_DAY_QUERIES
        ]
        days = [day for day in found if day is not None]
        if not days:
            return None
        day = min(days)
        is_touched = self._connection.execute(_TOUCHES_QUERY, {"day": day}).first() is not None
        self._expire(day)
        if is_touched or self._last_touched >= day - _OPEN:
            return day  # also if nothing is open: a story that joined others may have left
        return day if self._window_differs() else None

    def _window_differs(self) -> bool:
        """Returns whether the stories of the window are grouped otherwise than they are stored."""
        pairs = {(story.report_id, group) for story, group in self._window}
        stored_ids, groups = {each for each, _ in pairs}, {group for _, group in pairs}
        return None in stored_ids or not len(pairs) == len(stored_ids) == len(groups)

    def _load_stories(self, first: date, last: date) -> Iterator[DatedStory]:
        rows = self._connection.execute(_STORIES_QUERY, {"first": first, "last": last}).all()
        cues = load_cues(self._connection, rows)
        for row in rows:
            yield DatedStory(
                row.story_id, row.day, row.carries, row.report_id, cues[row.article_id]
            )


def load_cues(connection: Connection, rows: Sequence[AnyRow]) -> dict[int, Cues]:
    """Returns the cues of articles by id; of damaged or outdated ones, those of the text.

    `rows`: those of `carrier` with its columns `article_id`, `cues_version` and `cues`.
    """
    stored = {row.article_id: _decode(row.cues_version, row.cues) for row in rows}
    usable = {article_id: cues for article_id, cues in stored.items() if cues is not None}
    unusable = sorted(stored.keys() - usable.keys())
    documents = load_documents(connection, unusable) if unusable else {}
    return usable | {each.id: extract_cues(each) for each in documents.values()}


def _decode(version: str, data: bytes) -> Cues | None:
    """Returns stored cues; None if they are damaged or of another version."""
    if version != CUES_VERSION:
        return None
    try:
        return decode_cues(data)
    except ValueError:
        return None
