"""Stores a plan of days: the numbers of its reports, their rows, and where former numbers lead."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from dedup.reports.days import OPEN_DAYS, chronological_key
from storage.batches import batched
from storage.index.carriers import touch_days
from storage.reports.day_plan import GENERATION_KEY, DatedStory, DayPlan, load_generation
from storage.reports.description import ReportDescription, describe_reports
from storage.reports.report_ids import FormerReport, NumberAssignment, assign_numbers
from storage.tables.articles import article
from storage.tables.columns import AnyRow, in_bound_list
from storage.tables.meta import set_meta
from storage.tables.reports import (
    RedirectReason,
    carried,
    carrier,
    carrying_story,
    report,
    report_redirect,
    touched_day,
)

_FORMER_QUERY = (
    select(report.c.id, report.c.lead_id, article.c.story_id)
    .join_from(report, article, article.c.id == report.c.lead_id)
    .where(in_bound_list(report.c.id, "ids"))
)
_SAME_REPORT_QUERY = select(
    carrying_story.c.story_id,
    carrying_story.c.report_id,
    carrying_story.c.day,
    carrying_story.c.carries,
).where(in_bound_list(carrying_story.c.report_id, "ids"))
_STORED_IDS_QUERY = select(carrying_story.c.report_id).where(
    in_bound_list(carrying_story.c.story_id, "ids")
)
_REPORTS_OF_STORIES_QUERY = (
    select(carried.c.report_id)
    .join_from(carried, article, article.c.id == carried.c.article_id)
    .where(in_bound_list(article.c.story_id, "ids"))
    .distinct()
)
_BROUGHT_QUERY = (
    select(carrier.c.brought_number)
    .join_from(carrier, article, article.c.id == carrier.c.article_id)
    .where(in_bound_list(article.c.story_id, "ids"), carrier.c.brought_number.is_not(None))
)
_IN_USE_QUERIES = tuple(
    select(table.c.id).where(table.c.id == bindparam("me")) for table in (report, report_redirect)
)
_SET_REPORT = (
    update(carrying_story)
    .where(in_bound_list(carrying_story.c.story_id, "ids"))
    .values(report_id=bindparam("into"))
)
_INSERT_REPORT = insert(report).returning(report.c.id)
_UPDATE_REPORT = update(report).where(report.c.id == bindparam("me"))
_REPOINT = (
    update(report_redirect)
    .where(report_redirect.c.report_id == bindparam("me"))
    .values(report_id=bindparam("into"))
)
_FOLLOW_LEADS = (
    update(report_redirect)
    .where(
        in_bound_list(report_redirect.c.report_id, "ids"),
        report_redirect.c.lead_id == carried.c.article_id,
    )
    .values(report_id=carried.c.report_id)
)


def store_plan(connection: Connection, plan: DayPlan) -> bool:
    """Stores a plan; returns False and changes nothing if it has been overtaken by another change.

    The caller holds the placement lock.
    """
    if not _is_current(connection, plan):
        return False
    _ReportWriter(connection, plan).store()
    connection.execute(
        delete(touched_day).where(in_bound_list(touched_day.c.id, "ids")), {"ids": plan.touch_ids}
    )
    if plan.next_day is not None:
        touch_days(connection, [plan.next_day])
    set_meta(connection, GENERATION_KEY, str(plan.generation + 1))
    return True


def _is_current(connection: Connection, plan: DayPlan) -> bool:
    first = plan.first - timedelta(days=OPEN_DAYS)
    query = select(touched_day.c.id).where(touched_day.c.day.between(first, plan.last))
    return load_generation(connection) == plan.generation and set(connection.scalars(query)) == set(
        plan.touch_ids
    )


@dataclass(slots=True)
class _Group:
    """All stories of a group: for the id of each, its stored `report_id`."""

    stored_ids: dict[int, int | None] = field(default_factory=dict)
    is_report: bool = False

    def add(self, story_id: int, stored_id: int | None, carries: bool) -> None:
        self.stored_ids[story_id] = stored_id
        self.is_report |= carries


class _ReportWriter:
    def __init__(self, connection: Connection, plan: DayPlan) -> None:
        self._connection = connection
        self._touched_story_ids = plan.touched_story_ids
        self._last = plan.last
        self._now = datetime.now(UTC)
        self._groups: list[_Group] = []
        self._position_by_story: dict[int, int] = {}
        self._position_by_earlier_id: dict[int, int] = {}
        self._followed: dict[int, DatedStory] = {}  # the last planned story by stored report id
        for planned in plan.groups:
            if planned.stories:
                self._add_planned(planned.earlier_id, planned.stories)
        self._reached: dict[int, date] = {}  # the last day of the stories that follow those
        self._touched_report_ids: set[int] = set()

    def store(self) -> None:
        """Numbers the groups and replaces the rows of those that changed."""
        former = self._load_former(self._followed.keys() | self._position_by_earlier_id.keys())
        assignment, described = self._assign(former)
        # An article may have come from a report of another day: that report changes too.
        while sources := self._reports_of_articles(described) - self._touched_report_ids:
            self._touched_report_ids |= sources
            former |= self._load_former(sources - former.keys())
            assignment, described = self._assign(former)
        left_over = assignment.redirects.keys() | set(assignment.gone)
        descriptions = describe_reports(
            self._connection, [sorted(self._groups[each].stored_ids) for each in described]
        )
        self._delete_carried(left_over | {assignment.ids[each] for each in described}, descriptions)
        self._store_reports(dict(zip(described, descriptions, strict=True)), assignment)
        self._number_other_groups(assignment)
        self._store_story_numbers(assignment)
        self._redirect(former, assignment)
        self._follow_leads({assignment.ids[each] for each in described})

    def _assign(self, former: Mapping[int, AnyRow]) -> tuple[NumberAssignment, list[int]]:
        """Returns the numbers of the groups, and the positions of the reports that changed."""
        assignment = assign_numbers(
            [group.is_report for group in self._groups], self._former_reports(former)
        )
        return assignment, [
            position
            for position in range(len(self._groups))
            if self._groups[position].is_report and self._is_changed(position, assignment)
        ]

    def _reports_of_articles(self, positions: Iterable[int]) -> set[int]:
        """Returns the numbers of the reports that the articles of these groups are in so far."""
        story_ids = {each for position in positions for each in self._groups[position].stored_ids}
        return set(self._scalars(_REPORTS_OF_STORIES_QUERY, story_ids | self._touched_story_ids))

    def _add_planned(self, earlier_id: int | None, stories: Iterable[DatedStory]) -> None:
        position = self._add_group(earlier_id)
        for story in stories:
            self._position_by_story[story.id] = position
            self._groups[position].add(story.id, story.report_id, story.carries)
            if story.report_id is not None:
                other = self._followed.get(story.report_id, story)
                self._followed[story.report_id] = max(other, story, key=_following_key)

    def _add_group(self, earlier_id: int | None) -> int:
        self._groups.append(_Group())
        if earlier_id is not None:
            self._position_by_earlier_id[earlier_id] = len(self._groups) - 1
        return len(self._groups) - 1

    def _load_former(self, ids: Collection[int]) -> dict[int, AnyRow]:
        """Returns the stored reports with these ids, and those that their lead documents are in now.

        Adds the other stories of all of them to the groups.
        """
        former = self._rows_by_id(_FORMER_QUERY, ids)
        elsewhere = {row.story_id for row in former.values()} - self._position_by_story.keys()
        lead_ids = {each for each in self._scalars(_STORED_IDS_QUERY, elsewhere) if each}
        former |= self._rows_by_id(_FORMER_QUERY, lead_ids - former.keys())
        for batch in batched(sorted(set(ids) | lead_ids)):
            rows = self._connection.execute(_SAME_REPORT_QUERY, {"ids": batch}).all()
            for row in sorted(rows, key=lambda row: (row.day, row.story_id)):
                if row.story_id not in self._position_by_story:
                    self._add_stored(row)
        return former

    def _add_stored(self, row: AnyRow) -> None:
        """Adds a story of another day to its group.

        A later one stays with the last story of its report that was planned, if the report goes on
        from that one: a merge can move a story to another year.
        """
        followed = self._followed.get(row.report_id)
        if row.day > self._last and followed is not None and self._goes_on(row, followed):
            position = self._position_by_story[followed.id]
        elif row.report_id in self._position_by_earlier_id:
            position = self._position_by_earlier_id[row.report_id]
        else:
            position = self._add_group(row.report_id)
        self._position_by_story[row.story_id] = position
        self._groups[position].add(row.story_id, row.report_id, row.carries)

    def _goes_on(self, row: AnyRow, followed: DatedStory) -> bool:
        """Returns whether a later story of a report is near enough to those that it follows."""
        reached = self._reached.get(row.report_id, followed.day)
        if row.day - reached > timedelta(days=OPEN_DAYS):
            return False
        self._reached[row.report_id] = row.day
        return True

    def _former_reports(self, former: Mapping[int, AnyRow]) -> list[FormerReport]:
        sizes: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for position, group in enumerate(self._groups):
            for stored_id in group.stored_ids.values():
                if stored_id is not None:
                    sizes[stored_id][position] += 1
        return [
            FormerReport(row.id, self._position_by_story.get(row.story_id), sizes[row.id])
            for row in former.values()
        ]

    def _is_changed(self, position: int, assignment: NumberAssignment) -> bool:
        number, stored_ids = assignment.ids[position], self._groups[position].stored_ids
        return (
            not number
            or number in self._touched_report_ids
            or position in assignment.redirects.values()
            or any(each != number for each in stored_ids.values())
            or not self._touched_story_ids.isdisjoint(stored_ids)
        )

    def _delete_carried(
        self, report_ids: Iterable[int], descriptions: Iterable[ReportDescription]
    ) -> None:
        article_ids = (row["article_id"] for each in descriptions for row in each.carried_rows)
        for column, values in (
            (carried.c.report_id, sorted({each for each in report_ids if each})),
            (carried.c.article_id, article_ids),
        ):
            statement = delete(carried).where(in_bound_list(column, "ids"))
            for batch in batched(values):
                self._connection.execute(statement, {"ids": batch})

    def _store_reports(
        self, descriptions: Mapping[int, ReportDescription], assignment: NumberAssignment
    ) -> None:
        carried_rows = []
        in_time = sorted(descriptions.items(), key=lambda item: _order_of_numbers(item[1]))
        for position, described in in_time:
            values = {**described.values, "worked_out_at": self._now}
            number = assignment.ids[position]
            if number:
                self._connection.execute(_UPDATE_REPORT, {"me": number, **values})
            else:
                brought = self._find_brought_number(self._groups[position].stored_ids)
                values |= {"id": brought} if brought else {}
                number = self._connection.scalars(_INSERT_REPORT, values).one()
                assignment.ids[position] = number
            carried_rows += [{**row, "report_id": number} for row in described.carried_rows]
        if carried_rows:
            self._connection.execute(insert(carried), carried_rows)

    def _find_brought_number(self, story_ids: Iterable[int]) -> int | None:
        """Returns the free number that most carriers of a new report brought from an export."""
        counts = Counter(self._scalars(_BROUGHT_QUERY, story_ids))
        for number in sorted(counts, key=lambda each: (-counts[each], each)):
            if not any(self._connection.scalar(query, {"me": number}) for query in _IN_USE_QUERIES):
                return int(number)
        return None

    def _number_other_groups(self, assignment: NumberAssignment) -> None:
        """Gives negative numbers to groups that are no reports."""
        unnumbered = [n for n, group in enumerate(self._groups) if not group.is_report]
        kept = {
            position: earlier_id
            for earlier_id, position in self._position_by_earlier_id.items()
            if earlier_id < 0
        }
        lowest = self._connection.scalar(select(func.min(carrying_story.c.report_id))) or 0
        next_number = min(lowest, 0) - 1
        for position in unnumbered:
            assignment.ids[position] = kept.get(position, next_number)
            next_number -= position not in kept

    def _store_story_numbers(self, assignment: NumberAssignment) -> None:
        for number, group in zip(assignment.ids, self._groups, strict=True):
            changed = [each for each, stored in group.stored_ids.items() if stored != number]
            if changed:
                self._connection.execute(_SET_REPORT, {"ids": changed, "into": number})

    def _redirect(self, former: Mapping[int, AnyRow], assignment: NumberAssignment) -> None:
        """Replaces the numbers that are left over by redirects; a redirect takes one hop."""
        targets: dict[int, int | None] = {
            former_id: assignment.ids[position]
            for former_id, position in assignment.redirects.items()
        }
        targets |= dict.fromkeys(assignment.gone)
        if not targets:
            return
        rows = [
            {
                "id": former_id,
                "report_id": target,
                "lead_id": former[former_id].lead_id,
                "reason": RedirectReason.MERGED if target else RedirectReason.GONE,
                "redirected_at": self._now,
            }
            for former_id, target in sorted(targets.items())
        ]
        for row in rows:
            self._connection.execute(_REPOINT, {"me": row["id"], "into": row["report_id"]})
        self._connection.execute(insert(report_redirect), rows)
        self._connection.execute(
            delete(report).where(in_bound_list(report.c.id, "ids")), {"ids": sorted(targets)}
        )

    def _follow_leads(self, numbers: Iterable[int]) -> None:
        """Lets former numbers that lead to changed reports lead to where their articles are now.

        Two reports that were merged can be parted again: then the former number of one follows it.
        """
        for batch in batched(sorted(numbers)):
            self._connection.execute(_FOLLOW_LEADS, {"ids": batch})

    def _rows_by_id(self, query: Any, ids: Iterable[int]) -> dict[int, AnyRow]:
        return {
            row.id: row
            for batch in batched(sorted(ids))
            for row in self._connection.execute(query, {"ids": batch})
        }

    def _scalars(self, query: Any, ids: Iterable[int]) -> list[Any]:
        return [
            value
            for batch in batched(sorted(ids))
            for value in self._connection.scalars(query, {"ids": batch})
        ]


def _following_key(story: DatedStory) -> Any:
    return story.cues.published_at is not None, chronological_key(story.cues)


def _order_of_numbers(description: ReportDescription) -> tuple[datetime, int]:
    return description.values["first_at"], description.values["lead_id"]
