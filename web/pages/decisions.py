"""Lists what persons decided, and shows what a split would do."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.browsing.article_lines import ArticleLine, load_lines
from storage.browsing.decision_lines import (
    DecisionLine,
    RulingLine,
    load_decision_lines,
    load_ruling_lines,
)
from storage.errors import InvalidRequest
from storage.reports.deciding import other_members
from web.page import Page, Query
from web.parameters import Parameter, ParameterKind

MAX_NAMED = 50
"""The most articles of one part that the preview names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What persons decided, the latest first."""

    decisions: tuple[DecisionLine, ...]
    rulings: tuple[RulingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Articles that stay together. `more`: those that are not named."""

    articles: tuple[ArticleLine, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPreview:
    """What a split would do.

    `joining`: articles of another story that `article` would be with. `staying`: what becomes of
    the rest of its story, the largest part first.
    """

    article: ArticleLine
    story_id: int
    joining: Part
    staying: tuple[Part, ...]


def load(query: Query) -> Decisions:
    """Reads the latest decisions and rulings."""
    return Decisions(
        decisions=tuple(load_decision_lines(query.database)),
        rulings=tuple(load_ruling_lines(query.database)),
    )


def load_split(query: Query) -> SplitPreview:
    """Works out the stories that a split would make, and changes nothing.

    Raises NotFound, and InvalidRequest for a stub or for an article that is alone in its story.
    """
    database, article_id = query.database, query["article"]
    if article_id is None:
        raise InvalidRequest("name the article that is to leave its story: ?article=7")
    others = other_members(database, article_id)
    stories = database.decisions.preview_split(article_id, others)
    own = next(each.members for each in stories if article_id in each.members)
    staying = sorted(
        (each.members for each in stories if article_id not in each.members),
        key=lambda members: (-len(members), members),
    )
    (line,) = load_lines(database, [article_id])
    return SplitPreview(
        article=line,
        story_id=line.story_id,
        joining=_make_part(query, [each for each in own if each != article_id]),
        staying=tuple(_make_part(query, members) for members in staying),
    )


def _make_part(query: Query, members: Sequence[int]) -> Part:
    named = sorted(members)[:MAX_NAMED]
    return Part(articles=tuple(load_lines(query.database, named)), more=len(members) - len(named))


PAGE = Page(
    name="decisions",
    path="/decisions",
    summary="What persons decided about stories and edits, the latest first.",
    template="decisions.html",
    model=Decisions,
    load=load,
    section="/decisions",
)
SPLIT = Page(
    name="split",
    path="/decisions/split",
    summary="Who would go where if an article left its story.",
    template="split.html",
    model=SplitPreview,
    load=load_split,
    parameters=(
        Parameter(
            name="article",
            kind=ParameterKind.INTEGER,
            description="the number of the article",
        ),
    ),
    section="/decisions",
)
