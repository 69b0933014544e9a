"""Orders hits by relevance: how often the words occur, above all in the title.

The score is BM25 with two weighted fields (BM25F: Robertson, Zaragoza, Taylor, "Simple BM25
extension to multiple weighted fields", CIKM 2004). A phrase counts as one word. On both databases
the same formula ranks the candidates. The databases choose the candidates: SQLite by the `bm25` of
FTS5, PostgreSQL by the words in the title and then by day, because its index has no frequencies.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    select,
)

from storage.dialects import is_sqlite
from storage.search import fulltext
from storage.search.candidates import SearchRequest
from storage.search.query import Phrase, QueryNode, iter_phrases
from storage.tables.articles import article, version

TITLE_WEIGHT = 8.0
"""One occurrence in the title counts as much as so many in the text."""

_SATURATION = 1.2  # k1: how soon more occurrences stop to count
_LENGTH_EFFECT = 0.75  # b: how much more a short text counts
_MAX_COUNTED = 100_000  # a word in more articles than this is common


class RankedText(NamedTuple):
    """The tokens of an article, as the index has them."""

    title: list[str]
    text: list[str]


def score_all(
    node: QueryNode, texts: Sequence[RankedText], weights: Sequence[float]
) -> list[float]:
    """Returns the score of each article for a query; a higher one is more relevant. No I/O.

    `weights`: of the phrases that `iter_phrases(node, positive_only=True)` yields, see
    `rarity_weights`.
    """
    phrases = list(iter_phrases(node, positive_only=True))
    mean_length = sum(len(each.text) for each in texts) / max(len(texts), 1) or 1.0
    return [
        sum(
            weight * _saturated(_weighted_frequency(phrase, each, mean_length))
            for phrase, weight in zip(phrases, weights, strict=True)
        )
        for each in texts
    ]


def count_phrase(phrase: Phrase, tokens: Sequence[str]) -> int:
    """Returns how often a phrase occurs in these tokens. Overlapping occurrences count."""
    head, last, size = list(phrase.tokens[:-1]), phrase.tokens[-1], len(phrase.tokens)
    return sum(
        (token.startswith(last) if phrase.prefix else token == last)
        and tokens[end - size + 1 : end] == head
        for end, token in enumerate(tokens)
        if end >= size - 1
    )


def rarity_weights(node: QueryNode, connection: Connection) -> list[float]:
    """Returns the weight of each phrase: the fewer articles have it, the more it weighs (IDF)."""
    phrases = list(iter_phrases(node, positive_only=True))
    if len(phrases) == 1:
        return [1.0]
    total = connection.scalar(select(func.count()).select_from(fulltext.searched)) or 0
    counts = [_count_articles(phrase, connection) for phrase in phrases]
    return [math.log(1 + (max(total, n) - n + 0.5) / (n + 0.5)) for n in counts]


def best_candidates_query(request: SearchRequest, connection: Connection) -> Select[int, int]:
    """Returns a statement for the articles that may match, best candidates first, then the latest.

    The request must have words.
    """
    assert request.node is not None
    few = request.are_few(connection)
    found = request.candidates(request.node, connection, request.place_bounds(), are_few=few)
    if is_sqlite(connection):
        # The index has no lengths of texts, so FTS5 takes all texts for equally long.
        by_rank: ColumnElement[float] = literal_column(f"bm25(search_index, {TITLE_WEIGHT}, 1.0)")
        return found.order_by(None).order_by(by_rank, literal_column("place").desc())
    hit = found.order_by(None).subquery()
    return (
        select(hit.c.article_id, hit.c.place)
        .join(article, article.c.id == hit.c.article_id)
        .join(version, version.c.id == article.c.version_id)
        .order_by(_phrases_in_title(request.node).desc(), hit.c.place.desc())
    )


def _phrases_in_title(node: QueryNode) -> ColumnElement[int]:
    """Counts the phrases whose tokens are all in the title. Accents are not folded here."""
    title = func.lower(version.c.title)
    return sum(
        (
            case((and_(*(func.strpos(title, token) > 0 for token in phrase.tokens)), 1), else_=0)
            for phrase in iter_phrases(node, positive_only=True)
            if phrase.field != "text"
        ),
        start=literal(0),
    )


def _count_articles(phrase: Phrase, connection: Connection) -> int:
    some = fulltext.latest_query(phrase, connection).order_by(None).limit(_MAX_COUNTED).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _weighted_frequency(phrase: Phrase, text: RankedText, mean_length: float) -> float:
    in_title = 0 if phrase.field == "text" else count_phrase(phrase, text.title)
    in_text = 0 if phrase.field == "title" else count_phrase(phrase, text.text)
    relative_length = len(text.text) / mean_length
    norm = 1 - _LENGTH_EFFECT + _LENGTH_EFFECT * relative_length
    return TITLE_WEIGHT * in_title + in_text / norm


def _saturated(frequency: float) -> float:
    return frequency / (_SATURATION + frequency)
