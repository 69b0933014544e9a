from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database
from storage.errors import InvalidRequest
from storage.reading.rows import ArticleRow
from storage.records import Article
from storage.search import query, relevance
from storage.search.candidates import SearchRequest
from storage.search.tokeniser import tokenise
from tests.storage.conftest import CORPUS_START
from tests.storage.explain import Explain

MakeArticle = Callable[..., Article]
PLAIN = settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def numbers(database: Database, words: str, **wanted: Any) -> list[int]:
    return [int(hit.url.rsplit("/", 1)[1]) for hit in database.search(words, **wanted)]


def save(database: Database, make_article: MakeArticle, texts: Sequence[tuple[str, str]]) -> None:
    database.save([make_article(n, title=each[0], text=each[1]) for n, each in enumerate(texts)])


def test_by_relevance_the_title_weighs_most_then_how_often_a_word_occurs(
    corpus: Database, make_article: MakeArticle
) -> None:
    filler = "harvest of the year was good and the weather was fine"
    save(
        corpus,
        make_article,
        [
            ("Rocket launched", filler),
            ("News", f"rocket {filler}"),
            ("News", f"rocket rocket rocket {filler}"),
            ("News", f"rocket {filler} {filler} {filler} {filler}"),
            ("News", filler),
        ],
    )
    assert numbers(corpus, "rocket", sort="relevance") == [0, 2, 1, 3]
    assert numbers(corpus, "rocket", sort="relevance", limit=2) == [0, 2]
    assert numbers(corpus, "rocket") == [3, 2, 1, 0]
    assert numbers(corpus, "rocket", sort="oldest") == [0, 1, 2, 3]


def test_by_relevance_a_rare_word_weighs_more_than_a_common_one(
    corpus: Database, make_article: MakeArticle
) -> None:
    texts = [("t", "army army army"), ("t", "zeppelin"), *[("t", "army band")] * 6]
    save(corpus, make_article, texts)
    assert numbers(corpus, "army OR zeppelin", sort="relevance")[:2] == [1, 0]


def test_equally_relevant_articles_come_latest_first(
    corpus: Database, make_article: MakeArticle
) -> None:
    save(corpus, make_article, [("same", "rocket test")] * 4)
    assert numbers(corpus, "rocket", sort="relevance") == [3, 2, 1, 0]


def test_more_candidates_than_are_ranked_leave_those_with_the_word_in_the_title(
    corpus: Database, make_article: MakeArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.search.search._MAX_RANKED_CANDIDATES", 2)
    filler = " ".join(f"word{n}" for n in range(30))
    texts = [("rocket", filler), ("new rocket", filler), *[("t", f"rocket {filler}")] * 4]
    save(corpus, make_article, texts)
    assert numbers(corpus, "rocket", sort="relevance") == [1, 0]


@pytest.mark.parametrize("words", ['"rocket test"', "title:rocket", "탄도미사일"])
def test_by_relevance_only_what_matches_is_found(
    corpus: Database, make_article: MakeArticle, words: str
) -> None:
    texts = [("t", "test rocket 미사일 탄도"), ("rocket test 탄도미사일", "t"), ("t", "rocket")]
    save(corpus, make_article, texts)
    assert numbers(corpus, words, sort="relevance") == [1]


FIELD_TEXTS = [
    ("Rocket test", "the drill went on"),
    ("Drill", "a rocket test"),
    ("미사일 발사", "조선중앙통신"),
    ("조선중앙통신 보도", "미사일을"),
]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("title:rocket", [0]),
        ("text:rocket", [1]),
        ("title:rocket drill", [0]),
        ("drill -title:drill", [0]),
        ('title:"rocket test"', [0]),
        ("title:(drill OR rocket)", [1, 0]),
        ("title:roc*", [0]),
        ("title:미사일", [2]),
        ("text:중앙통신 OR title:중앙통신", [3, 2]),
        ("title: rocket", [0]),
        ('"title rocket"', []),
    ],
)
def test_a_word_is_searched_in_the_field_that_the_query_names(
    corpus: Database, make_article: MakeArticle, words: str, expected: list[int]
) -> None:
    save(corpus, make_article, FIELD_TEXTS)
    assert numbers(corpus, words) == expected
    node = query.parse(words)
    fields = [[tokenise(part) for part in texts] for texts in FIELD_TEXTS]
    assert [n for n, each in enumerate(fields) if query.matches(node, each)] == sorted(expected)


def test_a_whole_query_can_be_for_one_field(corpus: Database, make_article: MakeArticle) -> None:
    save(corpus, make_article, FIELD_TEXTS)
    assert numbers(corpus, "rocket OR drill", field="title") == [1, 0]
    assert numbers(corpus, "rocket OR drill", field="text") == [1, 0]
    assert numbers(corpus, "rocket -drill", field="text") == [1]


@pytest.mark.parametrize(
    "words", ["title:", "title: -x", "a title:-x", "a text:)", "(title:)", "title: OR b"]
)
def test_a_field_without_a_word_says_what_to_write(words: str) -> None:
    with pytest.raises(query.BadQuery):
        query.parse(words)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"words": "", "sort": "relevance"}, "needs words"),
        ({"words": "", "field": "title"}, "needs words"),
        ({"words": "a", "sort": "best"}, "newest, oldest, relevance"),
        ({"words": "a", "field": "authors"}, "title, text"),
    ],
)
def test_an_order_or_field_that_is_impossible_says_so(
    sqlite_corpus: Database, wanted: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidRequest, match=says):
        sqlite_corpus.search(**wanted)


def test_without_words_all_articles_that_pass_the_filters_are_found(
    corpus: Database, make_article: MakeArticle
) -> None:
    corpus.save([make_article(n, outlet="tass" if n % 3 else "kcna") for n in range(9)])
    assert numbers(corpus, "") == list(range(8, -1, -1))
    assert numbers(corpus, "", outlet="kcna", sort="oldest") == [0, 3, 6]
    assert numbers(corpus, "", limit=2, until=CORPUS_START + timedelta(minutes=5)) == [4, 3]
    (hit,) = corpus.search("", limit=1)
    assert hit.snippet.text
    assert hit.snippet.hit_spans == ()


WORD = st.sampled_from(["rocket", "drill", "미사일", "북", "kcna", "rockets"])
WORDS = st.lists(WORD, max_size=8).map(" ".join)


def brute_force(rows: Sequence[ArticleRow], node: query.QueryNode, *, oldest: bool) -> list[int]:
    found = [r for r in rows if query.matches(node, [tokenise(r.title), tokenise(r.text)])]
    found.sort(key=lambda r: (r.published_at or r.first_seen_at, r.id), reverse=not oldest)
    return [row.id for row in found]


def brute_force_scores(
    rows: Sequence[ArticleRow], node: query.QueryNode, total: int
) -> list[tuple[int, float]]:
    """The formula once more, written plainly: every phrase is one word."""
    texts = [(row.id, tokenise(row.title), tokenise(row.text)) for row in rows]
    mean = sum(len(text) for _, _, text in texts) / len(texts) or 1
    (phrase,) = query.iter_phrases(node, positive_only=True)
    (word,) = phrase.tokens
    scores = []
    for article_id, title, text in texts:
        frequency = 8 * title.count(word) + text.count(word) / (0.25 + 0.75 * len(text) / mean)
        scores.append((article_id, frequency / (1.2 + frequency)))
    return scores


@given(
    texts=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=12),
    minutes=st.lists(st.integers(-3_000, 3_000), min_size=12, max_size=12),
    words=st.sampled_from(
        ["rocket", "title:rocket", "text:kcna", "rocket* drill", '"rocket drill"', "title:미사일"]
    ),
    limit=st.integers(1, 12),
)
@PLAIN
def test_oldest_and_newest_first_and_fields_agree_with_brute_force(
    corpus: Database,
    make_article: MakeArticle,
    texts: list[tuple[str, str]],
    minutes: list[int],
    words: str,
    limit: int,
) -> None:
    corpus.save(
        [
            make_article(n, title=f"t {title}", text=f"t {text}", published_at=at)
            for n, (title, text) in enumerate(texts)
            for at in [CORPUS_START + timedelta(minutes=minutes[n])]
        ]
    )
    rows, node = list(corpus.articles.iter()), query.parse(words)
    for oldest in (True, False):
        hits = corpus.search(words, sort="oldest" if oldest else "newest", limit=limit)
        assert [hit.id for hit in hits] == brute_force(rows, node, oldest=oldest)[:limit]
    by_relevance = [hit.id for hit in corpus.search(words, sort="relevance", limit=1000)]
    assert sorted(by_relevance) == sorted(brute_force(rows, node, oldest=True))


@given(texts=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=12))
@PLAIN
def test_the_order_by_relevance_is_that_of_the_formula(
    corpus: Database, make_article: MakeArticle, texts: list[tuple[str, str]]
) -> None:
    save(corpus, make_article, [(f"t {title}", f"t {text}") for title, text in texts])
    node = query.parse("rocket")
    rows = [r for r in corpus.articles.iter() if "rocket" in tokenise(f"{r.title} {r.text}")]
    hits = [hit.id for hit in corpus.search("rocket", sort="relevance", limit=1000)]
    if rows:
        scores = dict(brute_force_scores(rows, node, len(texts)))
        assert [round(scores[each], 9) for each in hits] == sorted(
            (round(score, 9) for score in scores.values()), reverse=True
        )
    assert set(hits) == {row.id for row in rows}


@given(st.lists(st.sampled_from("ab"), max_size=12), st.lists(st.sampled_from("ab"), min_size=1))
def test_every_occurrence_of_a_phrase_counts(tokens: list[str], phrase: list[str]) -> None:
    places = [n for n in range(len(tokens)) if tokens[n : n + len(phrase)] == phrase]
    assert relevance.count_phrase(query.Phrase(tuple(phrase)), tokens) == len(places)


def test_the_best_candidates_are_read_off_the_index_before_any_article(
    sqlite_corpus: Database,
) -> None:
    request = SearchRequest(query.parse("title:kcna"), {})
    with sqlite_corpus.engine.connect() as connection:
        asked = relevance.best_candidates_query(request, connection).limit(5)
        plan = [str(row[3]) for row in connection.execute(Explain(asked))]
    assert plan[0].startswith("SCAN search_index VIRTUAL TABLE")
    assert not [step for step in plan if "article" in step]
