"""Lists edits and removals, newest found first, with the words that changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Any

from dedup.changes.records import ChangeKind, ChangeNature
from storage.browsing.change_facets import ChangeFacets, count_changes
from storage.browsing.change_lines import (
    ChangedField,
    ChangeLine,
    ChangeSelection,
    load_change_lines,
)
from storage.browsing.position import Position
from storage.changes.article_state import ArticleState
from storage.changes.rows import Alarm, ChangeRow, edit_as_dict, transition_as_dict
from storage.health.assessment import HealthState
from storage.health.own_network import Outage
from web.errors import Redirect
from web.page import Page, Query
from web.pages import filters
from web.parameters import Parameter, ParameterKind, parse_number
from web.raw import RawAnswer, RawPage
from web.rights import explain_rights, may_show_text

ROWS = 50
MAX_ALARMS = 5
MAX_OUTLETS = 15
"""Outlets in the list to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadOutlet:
    """An outlet that could not be read lately, so that its edits are not known."""

    outlet: str
    since: datetime
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """A page of edits and changes of state. Each of `changes` has the keys of `nkwire changes --json`.

    Beside them it has `language` and `words`: the changed words of each field as pairs of a sign
    (" ", "-", "+") and a text; `withheld` says why they are not shown. `alarms`: mass deletions, on
    the first page only. `outage`: the last outage of our own network, if it falls into the time of
    these changes.
    """

    changes: tuple[Mapping[str, Any], ...]
    next: Position | None
    previous: Position | None
    facets: ChangeFacets
    alarms: tuple[Alarm, ...]
    outage: Outage | None
    unread: tuple[UnreadOutlet, ...]

    @property
    def days(self) -> Iterator[tuple[date, list[Mapping[str, Any]]]]:
        """The changes by the day on which they were found."""
        for day, rows in groupby(self.changes, key=lambda row: row["found_at"].date()):
            yield day, list(rows)

    @property
    def outlets(self) -> Sequence[Any]:
        """The outlets with the most changes."""
        return self.facets.outlets[:MAX_OUTLETS]


def load(query: Query) -> ChangesPage:
    """Reads a page of changes. Raises InvalidRequest and TooSlow."""
    database = query.database
    since, until = filters.read_days(query)
    selection = ChangeSelection(
        kind=query["kind"],
        nature=query["nature"],
        state=query["state"],
        outlet=query["outlet"],
        since=since,
        until=until,
        boring=query["boring"],
        silent=query["silent"],
    )
    before, after = query["before"], query["after"]
    listing = load_change_lines(database, selection, limit=ROWS, before=before, after=after)
    times = [each.row.found_at for each in listing.rows]
    return ChangesPage(
        changes=tuple(show_line(query, each) for each in listing.rows),
        next=listing.next,
        previous=listing.previous,
        facets=count_changes(
            database, boring=query["boring"], outlet=query["outlet"], since=since, until=until
        ),
        alarms=() if before or after else _alarms(query, since or min(times, default=None), until),
        outage=_outage_within(query, times),
        unread=_unread(query),
    )


def show_line(query: Query, line: ChangeLine) -> dict[str, Any]:
    """Returns a change as the page and its twin show it, as far as the rights allow."""
    row = line.row
    if not isinstance(row, ChangeRow):
        return {**transition_as_dict(row), "language": line.language, "words": [], "withheld": ""}
    words = visible_words(query, line)
    return {
        **edit_as_dict(row),
        "language": line.language,
        "words": [
            {"field": each.field, "pieces": [[piece.sign, piece.text] for piece in each.pieces]}
            for each in words
        ],
        "withheld": "" if words == line.words else explain_rights(query, row.outlet, line.level),
    }


def visible_words(query: Query, line: ChangeLine) -> tuple[ChangedField, ...]:
    """Returns the changed words that the visitor may see: those of the headline at least."""
    if may_show_text(query, line.row.outlet, line.level):
        return line.words
    return tuple(each for each in line.words if each.field in ("headline", "time"))


def _alarms(query: Query, since: datetime | None, until: datetime | None) -> tuple[Alarm, ...]:
    alarms = query.database.alarms.latest(since=since, outlet=query["outlet"])
    found = [each for each in alarms if until is None or each.raised_at < until]
    return tuple(found[:MAX_ALARMS])


def _outage_within(query: Query, times: Sequence[datetime]) -> Outage | None:
    """Returns the last outage of our own network unless it was over before the oldest change."""
    outage = query.database.own_network.last_outage()
    if outage is None or not times:
        return outage
    is_over = outage.over_at is not None and outage.over_at < min(times)
    return None if is_over or outage.since_at > max(times) + timedelta(days=1) else outage


def _unread(query: Query) -> tuple[UnreadOutlet, ...]:
    return tuple(
        UnreadOutlet(outlet=name, since=health.since_at, evidence=health.evidence)
        for name, health in sorted(query.database.health.current().items())
        if health.state is HealthState.BROKEN and query["outlet"] in (None, name)
    )


def _choice(
    name: str, values: type[ChangeKind | ChangeNature | ArticleState], what: str
) -> Parameter:
    return Parameter(
        name=name,
        kind=ParameterKind.CHOICE,
        description=what,
        choices=tuple(each.value for each in values),
    )


BORING = Parameter(
    name="boring",
    kind=ParameterKind.FLAG,
    description="1: also boring edits: white space, typography, stamps.",
    default=False,
)
PAGE = Page(
    name="changes",
    path="/changes",
    summary="Edits, removals and returns of articles, newest found first.",
    template="changes.html",
    model=ChangesPage,
    load=load,
    parameters=(
        _choice("kind", ChangeKind, "Only edits that changed this."),
        _choice("nature", ChangeNature, "Only edits of this nature."),
        _choice("state", ArticleState, "Only changes to this state."),
        filters.OUTLET,
        filters.SINCE,
        filters.UNTIL,
        Parameter(
            name="silent",
            kind=ParameterKind.FLAG,
            description="1: without edits that the page announces.",
            default=False,
        ),
        BORING,
        filters.BEFORE,
        filters.AFTER,
    ),
    section="/changes",
)


def _lead_to_difference(query: Query) -> RawAnswer:
    """Raises Redirect to the difference of an edit, or NotFound."""
    change = query.database.changes.get(parse_number(query.ids["change"]))
    raise Redirect(f"/diff/{change.old_id}/{change.new_id}", HTTPStatus.FOUND)


CHANGE = RawPage(
    name="change",
    path="/changes/{change}",
    summary="An edit by its number: leads to the difference of its two versions.",
    media_types=("text/html",),
    answer=_lead_to_difference,
)
