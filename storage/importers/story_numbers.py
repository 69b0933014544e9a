"""Gives the stories of a finished import the numbers that they had in the export."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select, update

from dedup.records import Story
from storage.importers.exported_rows import parse_id
from storage.importers.stated_dates import parse_time
from storage.index import dedup_queries as lookups
from storage.index.carriers import touch_stories
from storage.index.story_figures import store_story_figures
from storage.index.story_ids import ExistingStory, assign_story_ids
from storage.saving.kept_numbers import HighestNumbers, KeptNumbers
from storage.statements import upsert
from storage.tables.articles import article, is_unmerged_story, story
from storage.tables.columns import in_bound_list
from storage.tables.departures import departure


@dataclass(frozen=True, slots=True)
class ImportedStories:
    """The stories of an export: three arrays of equal length, in order of the article ids.

    `ids`: the ids of the articles in this database. `stories`: the exported number of the story of
    each, 0 for none. `leads`: whether the article was the lead document.
    """

    ids: NDArray[np.int64]
    stories: NDArray[np.int64]
    leads: NDArray[np.bool_]


@dataclass(slots=True)
class _UnsettledStories:
    """The stories whose numbers differ from those of the export, and all stories they touch.

    `members`, `exported`: article ids by the present and by the exported number. `leads`: the
    exported lead documents.
    """

    members: Mapping[int, list[int]]
    exported: Mapping[int, list[int]]
    leads: set[int]


def give_exported_numbers(
    connection: Connection, imported: ImportedStories, highest_story: int
) -> None:
    """Gives all stories the numbers of the export; removes numbers that only the import gave.

    A story with an article of another origin keeps its number. A number whose story is part of
    another story now redirects to it. `highest_story`: the highest number in the export.
    """
    unsettled = _find_unsettled(connection, imported)
    stories = _load_stories(connection, unsettled.members)
    imported_ids = {each for ids in unsettled.exported.values() for each in ids}
    succession = assign_story_ids(
        [each for _, each in stories],
        {each: number for number, ids in unsettled.exported.items() for each in ids},
        [
            ExistingStory(number, next((i for i in ids if i in unsettled.leads), 0), len(ids))
            for number, ids in unsettled.exported.items()
        ],
    )
    fixed = {number for number, each in stories if not imported_ids.issuperset(each.members)}
    chooser = KeptNumbers(connection, HighestNumbers(0, 0, highest_story))
    new_numbers = [
        present if present in fixed else _choose_number(given, present, fixed, highest_story)
        for (present, _), given in zip(stories, succession.ids, strict=True)
    ]
    missing = iter(chooser.choose(story, [0] * new_numbers.count(0)))
    new_numbers = [number or next(missing) for number in new_numbers]
    connection.execute(delete(departure))
    for number, (present, each) in zip(new_numbers, stories, strict=True):
        if number != present:
            _store_story(connection, number, each)
    touch_stories(connection, {*new_numbers, *(present for present, _ in stories)})
    _remove_provisional(
        connection,
        {
            old: new_numbers[position]
            for old, position in succession.redirects.items()
            if old not in new_numbers
        },
    )
    store_story_figures(connection, new_numbers)


def restore_moves(
    connection: Connection, rows: Sequence[Mapping[str, Any]], ids: Mapping[int, int]
) -> None:
    """Restores what former numbers of stories lead to, and which articles left a story.

    `rows`: those of `MOVE_COLUMNS`. `ids`: the id in this database for each exported article id.
    Rows on numbers and articles that the database does not have are left out.
    """
    current = dict(connection.execute(select(story.c.id, story.c.merged_into)).all())
    for row in rows:
        number, into = parse_id(row, "story"), parse_id(row, "into")
        if not row.get("article") and number and number not in current and into in current:
            current[number] = current[into] or into
            lead = ids.get(parse_id(row, "lead")) if row.get("lead") else None
            _redirect(connection, number, current[number] or 0, lead)
    departures = [
        {
            "story_id": parse_id(row, "story"),
            "article_id": ids.get(parse_id(row, "article"), 0),
            "into_id": parse_id(row, "into"),
            "left_at": parse_time(row.get("left_at"))[0],
        }
        for row in rows
        if row.get("article")
    ]
    known = [
        each
        for each in departures
        if each["story_id"] in current and each["into_id"] in current and each["article_id"]
    ]
    if kept := [each for each in known if each["left_at"]]:
        connection.execute(insert(departure), kept)


def _find_unsettled(connection: Connection, imported: ImportedStories) -> _UnsettledStories:
    query = select(article.c.id, article.c.story_id).where(article.c.story_id.is_not(None))
    rows = connection.execute(query.order_by(article.c.id)).all()
    ids = np.fromiter((row.id for row in rows), np.int64, len(rows))
    present = np.fromiter((row.story_id for row in rows), np.int64, len(rows))
    positions = np.searchsorted(imported.ids, ids).clip(max=max(len(imported.ids) - 1, 0))
    exported, leads = np.zeros_like(present), np.zeros(len(ids), np.bool_)
    if len(imported.ids):
        is_imported = imported.ids[positions] == ids
        exported[is_imported] = imported.stories[positions][is_imported]
        leads[is_imported] = imported.leads[positions][is_imported]
    differs = present != exported
    numbers = np.unique(np.concatenate([present[differs], exported[differs]]))
    touched = np.isin(present, numbers) | np.isin(exported, numbers[numbers > 0])
    members, by_export = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for position in np.flatnonzero(touched).tolist():
        members[int(present[position])].append(int(ids[position]))
        if exported[position]:
            by_export[int(exported[position])].append(int(ids[position]))
    return _UnsettledStories(members, by_export, set(ids[touched & leads].tolist()))


def _load_stories(
    connection: Connection, members: Mapping[int, Sequence[int]]
) -> list[tuple[int, Story]]:
    """Returns the stories with their present numbers, in order of these."""
    query = select(story.c.id, story.c.lead_id).where(in_bound_list(story.c.id, "ids"))
    leads = {row.id: row.lead_id for row in connection.execute(query, {"ids": list(members)})}
    return [(number, Story(tuple(members[number]), leads[number])) for number in sorted(members)]


def _choose_number(given: int, present: int, fixed: set[int], highest_story: int) -> int:
    """Returns the number of a story; 0 for a new one."""
    if given and given not in fixed:
        return given
    return present if present > highest_story else 0


def _store_story(connection: Connection, number: int, stored: Story) -> None:
    row = {"id": number, "lead_id": stored.lead, "created_at": datetime.now(UTC)}
    connection.execute(upsert(connection, story, ["id"]), row | {"merged_into": None})
    connection.execute(lookups.SET_STORY, {"ids": stored.members, "into": number})


def _remove_provisional(connection: Connection, redirects: Mapping[int, int]) -> None:
    """Removes the numbers without articles, and stores the redirects in their place."""
    connection.execute(update(story).where(~is_unmerged_story()).values(merged_into=None))
    has_articles = select(article.c.id).where(article.c.story_id == story.c.id).exists()
    connection.execute(delete(story).where(~has_articles))
    for number, into in redirects.items():
        _redirect(connection, number, into)


def _redirect(connection: Connection, number: int, into: int, lead: int | None = None) -> None:
    row = {"id": number, "lead_id": lead, "created_at": datetime.now(UTC), "merged_into": into}
    connection.execute(insert(story), row)
