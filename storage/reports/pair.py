"""Explains why two stored articles belong together or not, by their texts and by the corpus."""

from collections.abc import Mapping
from dataclasses import dataclass

from dedup.copies.chain import read_story_context
from dedup.explain import Explanation, explain_pair
from storage.database import Database
from storage.errors import InvalidRequest
from storage.index.unplaced import story_number
from storage.reports.carriage import load_report_numbers


@dataclass(frozen=True, slots=True)
class StoredPair:
    """The explanation of two stored articles.

    `stories`: the story of each of the two. `reports`: the report of each that carries one.
    """

    explanation: Explanation
    stories: Mapping[int, int]
    reports: Mapping[int, int]

    @property
    def is_one_story(self) -> bool:
        """Whether both are in one story."""
        return len(set(self.stories.values())) == 1

    @property
    def is_one_report(self) -> bool:
        """Whether both carry one report."""
        return len(self.reports) == 2 and len(set(self.reports.values())) == 1

    def compare_with_group(self) -> str:
        """Says why two articles alone compare otherwise than their groups do; "" if they do not."""
        is_same_alone = self.explanation.same_report_alone
        if self.is_one_report and not is_same_alone:
            if self.is_one_story:
                return "one report, because a story is never divided between reports"
            return "one report, because the mean over all pairs of its articles decides"
        if is_same_alone and len(set(self.reports.values())) == 2:
            return "two reports, because the mean over all pairs of their articles decides"
        return ""


def explain_stored_pair(database: Database, first: int, second: int) -> StoredPair:
    """Explains two articles, given by their ids, with what the corpus knows of them.

    Raises NotFound, and InvalidRequest if both are the same article.
    """
    if first == second:
        raise InvalidRequest(f"{first} and {second} are the same article")
    stories = {each: database.articles.get(each).story_id for each in (first, second)}
    reports = load_report_numbers(database, stories)
    story = story_number(stories[first])
    members = {each.id for each in database.stories.get(story).members} if story else {first}
    explanation = explain_pair(
        database.articles.document(first),
        database.articles.document(second),
        database.scheme,
        decisions=[each for each in database.decisions.of(first) if second in (each.a, each.b)],
        context=read_story_context(
            first,
            second,
            members,
            database.stories.relations_of,
            database.decisions.of,
        ),
        is_one_report=len(reports) == 2 and len(set(reports.values())) == 1,
    )
    return StoredPair(explanation, stories, reports)
