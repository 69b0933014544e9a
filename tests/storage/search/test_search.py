import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database, dialects
from storage.records import Article, Capture, PageClass
from storage.search import fulltext, query, search
from storage.search.snippet import make_snippet
from storage.search.tokeniser import MAX_ARTICLE_TOKEN_BYTES, fold_text, tokenise, tokenise_bounded
from storage.tables.articles import article

TEXTS = {
    0: (
        "북한, 탄도미사일 발사",
        "조선중앙통신은 22일 미사일을 발사하였다고 보도하였다. 방북 KCNA 보도.",
    ),
    1: (
        "North Korea fires missiles",
        "KCNA reported that missiles were fired. Seoul's café was calm.",
    ),
    2: ("朝鮮が弾道ミサイルを発射", "朝鮮中央通信は弾道ミサイルの発射実験を行ったと報じた。"),
    3: ("朝鲜试射弹道导弹", "据朝中社报道，朝鲜22日试射了弹道导弹。"),
    4: ("КНДР запустила ракету", "ЦТАК сообщает: ракета запущена ещё вчера."),
    5: (
        "Drill, drill and rockets",
        "The rocket drill was no missile drill, KCNA said; the FIRING went on.",
    ),
    6: ("조선 중앙 통신", "띄어 쓴 이름이다. 조선 중앙 통신 보도."),
}
QUERIES = {
    "조선중앙통신": [0],
    "미사일": [0],
    "탄도미사일 발사": [0],
    '"발사하였다고 보도"': [0],
    '"조선 중앙 통신"': [6],
    "북": [0],
    '"북 KCNA"': [0],
    "中央通信": [2],
    "ミサイル": [2],
    "ﾐｻｲﾙ": [2],
    "导弹": [3],
    "弾道": [2],
    "ракета": [4],
    "еще": [4],
    "missile": [5],
    "missil*": [5, 1],
    "MISSILES": [1],
    "cafe": [1],
    "kcna": [5, 1, 0],
    "kcna NOT missiles": [5, 0],
    "kcna -missiles -북": [5],
    'kcna -"missiles were"': [5, 0],
    "missile OR missiles": [5, 1],
    "(rocket OR missiles) kcna": [5, 1],
    '"missiles were fired"': [1],
    '"were missiles"': [],
    '"missiles were fir"*': [1],
    '"missiles kcna"': [],
    "22": [3, 0],
    "seoul's": [1],
}


@pytest.fixture
def filled(corpus: Database, make_article: Callable[..., Article]) -> Database:
    corpus.save([make_article(n, title=title, text=text) for n, (title, text) in TEXTS.items()])
    return corpus


def found(database: Database, words: str, **wanted: Any) -> list[int]:
    return [int(hit.url.rsplit("/", 1)[1]) for hit in database.search(words, **wanted)]


def test_the_same_articles_are_found_in_the_same_order_on_both_databases(filled: Database) -> None:
    assert {words: found(filled, words) for words in QUERIES} == {
        words: sorted(expected, reverse=True) for words, expected in QUERIES.items()
    }


@pytest.mark.parametrize("words", QUERIES)
def test_the_plain_statement_of_a_query_finds_the_same(words: str) -> None:
    node = query.parse(words)
    fields = {n: [tokenise(part) for part in texts] for n, texts in TEXTS.items()}
    assert [n for n in TEXTS if query.matches(node, fields[n])] == sorted(QUERIES[words])


@pytest.mark.parametrize("words", ["kcna", '"발사하였다고 보도"', "missil*"])
def test_matches_are_the_hits_without_their_texts(filled: Database, words: str) -> None:
    hits, matches = filled.search(words), search.find_matches(filled, words)
    assert [(m.id, m.at, m.story_id) for m in matches] == [(h.id, h.at, h.story_id) for h in hits]
    assert search.load_hits(filled, words, [h.id for h in hits] + [999]) == hits


def test_filters_narrow_a_search_and_its_length_is_limited(
    filled: Database, make_article: Callable[..., Article]
) -> None:
    filled.save([make_article(9, outlet="tass", text="kcna", language="ru")])
    at = make_article(1).published_at
    assert at is not None
    assert found(filled, "kcna", outlet="tass") == [9]
    assert found(filled, "kcna", language="en", until=at + timedelta(minutes=1)) == [1, 0]
    assert found(filled, "kcna", limit=2) == [9, 5]
    assert found(filled, "kcna", limit=0) == []


def test_collapsed_a_story_is_found_once(
    corpus: Database, make_article: Callable[..., Article]
) -> None:
    body = " ".join(
        f"Sentence {n} tells of the opening of factory {n * 7} in province {n}." for n in range(30)
    )
    corpus.save(
        [
            make_article(0, text=body),
            make_article(1, outlet="tass", text=body),
            make_article(2, text="Sentence"),
        ]
    )
    assert found(corpus, "sentence") == [2, 1, 0]
    assert found(corpus, "sentence", collapse=True) == [2, 1]


def test_an_edited_article_is_found_by_its_new_words_only(
    corpus: Database, make_article: Callable[..., Article], captured: Callable[..., Capture]
) -> None:
    first = make_article(0, text="the 이전 wording", capture=captured(0))
    corpus.save([first])
    corpus.save([replace(first, text="the later wording", capture=captured(60))])
    assert [found(corpus, words) for words in ("이전", "later", '"later wording"')] == [
        [],
        [0],
        [0],
    ]


def test_a_stub_is_found_by_its_lead(
    corpus: Database, make_article: Callable[..., Article]
) -> None:
    corpus.save([make_article(0, text="", lead="behind a paywall", page_class=PageClass.STUB)])
    assert found(corpus, "paywall") == [0]


def test_what_a_failed_batch_would_have_stored_is_not_found(
    corpus: Database, make_article: Callable[..., Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.save([make_article(0, text="kept")])
    monkeypatch.setattr(fulltext, "tokenise_article", lambda title: title)
    with pytest.raises(TypeError):
        corpus.save([make_article(1, text="kept")])
    monkeypatch.undo()
    assert found(corpus, "kept") == [0]
    assert corpus.articles.count() == 1


def test_an_index_made_by_other_rules_is_made_anew(
    filled: Database, open_corpus: Callable[..., Database]
) -> None:
    with filled.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE meta SET value = '0' WHERE key = 'search.tokens'")
        )
        connection.execute(sqlalchemy.text("DELETE FROM searched"))
    again = open_corpus(filled.engine.url.render_as_string(hide_password=False))
    assert found(again, "kcna") == [5, 1, 0]
    with again.engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT count(*) FROM searched")) == len(TEXTS)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 300_000, id="one-endless-word"),
        pytest.param("다" * 300_000, id="one-syllable"),
        pytest.param(
            "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(400_000)), id="no-pair-twice"
        ),
        pytest.param("'\\ \" & | ! :* <-> ' \u202e\u200f\ufffd", id="query-syntax-and-marks"),
        pytest.param("a" * 2_000 + "\U0001d54f" * 5_000, id="mathematical-letters"),
        pytest.param("ﷺ" * 50_000, id="grows-when-folded"),
    ],
)
def test_hostile_texts_are_indexed(
    corpus: Database, make_article: Callable[..., Article], text: str
) -> None:
    receipts = corpus.save([make_article(0, title="findme", text=text)])
    assert receipts[0].article_id
    assert found(corpus, "findme") == [0]
    distinct = set().union(*tokenise_bounded("findme", text))
    assert sum(len(token.encode()) for token in distinct) <= MAX_ARTICLE_TOKEN_BYTES


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "nothing to search for"),
        ("... --", "nothing to search for"),
        ('"open', "not closed"),
        ("(a", "not closed"),
        ("a)", "closes nothing"),
        ("a OR", "both sides"),
        ("-a", "must occur beside"),
        ("a OR -b", "must occur beside"),
        ("a NOT", "behind them"),
        ("x" * 1001, "at most"),
        ("북 " * 400, "too many words"),
        ("(" * 40 + "a" + ")" * 40, "deep"),
    ],
)
def test_a_query_that_cannot_be_understood_says_why(words: str, says: str) -> None:
    with pytest.raises(query.BadQuery, match=says):
        query.parse(words)


def test_a_search_that_takes_too_long_is_cut(filled: Database) -> None:
    with pytest.raises(search.SearchTimeout, match="less common"):
        found(filled, "kcna", seconds=-1)


def test_a_search_is_cut_while_sqlite_still_looks(
    sqlite_corpus: Database,
    make_article: Callable[..., Article],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sqlite_corpus.save([make_article(0, text="kcna")])
    monkeypatch.setattr(dialects, "SQLITE_STEPS_PER_CHECK", 1)
    monkeypatch.setattr(search, "_until_deadline", lambda rows, seconds: rows)
    with pytest.raises(search.SearchTimeout):
        found(sqlite_corpus, "absent", seconds=-1)
    assert found(sqlite_corpus, "kcna") == [0]


ALPHABET = "ab1 북남朝鮮ミがЖéﬁ.'\"-*()\\&|!:ORNT\u0301\u1100\u1161\u202e"
WORDS = st.text(ALPHABET, max_size=20)


@given(texts=st.lists(WORDS, min_size=1, max_size=6), words=st.lists(WORDS, max_size=8))
@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_words_find_what_the_query_says(
    corpus: Database, make_article: Callable[..., Article], texts: list[str], words: list[str]
) -> None:
    corpus.save([make_article(n, title="t", text=text) for n, text in enumerate(texts)])
    rows = list(corpus.articles.iter())
    for each in words:
        try:
            node = query.parse(each)
        except query.BadQuery:
            continue
        expected = {
            row.id for row in rows if query.matches(node, [tokenise(row.title), tokenise(row.text)])
        }
        assert {hit.id for hit in corpus.search(each, limit=1000)} == expected


@given(st.text(max_size=60))
def test_tokens_do_not_depend_on_case_or_composition(text: str) -> None:
    assert tokenise(unicodedata.normalize("NFD", text)) == tokenise(
        unicodedata.normalize("NFC", text)
    )


MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f]+")


@pytest.mark.parametrize("block", range(0, 0x10000, 0x2000))
def test_every_letter_is_folded_as_if_its_accents_were_taken_off(block: int) -> None:
    for letter in map(chr, range(block, block + 0x2000)):
        bare = MARKS.sub("", unicodedata.normalize("NFKD", letter).casefold())
        assert fold_text(letter) == unicodedata.normalize("NFKC", bare)


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("Seoul’s café ﬁres ½ and a missile", "missile", ["missile"]),
        ("e\u0301te\u0301 and the Missiles, missiles", "missiles", ["Missiles", "missiles"]),
        ("탄도미사일을 쏘았다", "미사일", ["미사일"]),
        ("방북 KCNA 보도", '"북 KCNA"', ["북 KCNA"]),
        ("ﾐｻｲﾙ 발사", "ミサイル", ["ﾐｻｲﾙ"]),
        (
            "한글 \u1112\u1161\u11ab\u1100\u1173\u11af 한글",
            "한글",
            ["한글", "\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"],
        ),
        ("submissile missilery", "missile", []),
        ("missilery submissile", "missile*", ["missile"]),
        ("x" * 70 + " tail", "x" * 66, ["x" * 70]),
        ("word " * 180 + "the missile " + "word " * 900, "missile", ["missile"]),
        ("word " * 198 + "a joint drill " + "word " * 900, '"joint drill"', ["joint drill"]),
        ("word " * 3_000 + "a joint drill " + "word " * 900, '"joint drill"', ["joint drill"]),
        ("가나" * 3_000 + "미사일" + "가나" * 900, "미사일", ["미사일"]),
    ],
)
def test_a_snippet_marks_what_was_found(text: str, words: str, marked: list[str]) -> None:
    made = make_snippet(text, query.parse(words))
    assert [made.text[start:end] for start, end in made.hit_spans] == marked


@given(st.text("ab가나漢é\u0301ﬁ½ .-", max_size=60), st.text("ab가나漢éﬁ ", min_size=1, max_size=4))
def test_a_snippet_marks_something_exactly_if_the_tokens_hold_it(text: str, words: str) -> None:
    node = query.parse_phrase(words)
    if node is None:
        return
    line = " ".join(text.split())
    assert bool(make_snippet(text, node, width=200).hit_spans) == query.matches(
        node, [tokenise(line)]
    )


def _times(minute: int) -> dict[str, datetime]:
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return {"published_at": at, "first_seen_at": at}


@given(
    minutes=st.lists(st.integers(-3_000, 3_000), min_size=1, max_size=12),
    limit=st.integers(1, 12),
    span=st.tuples(st.integers(-3_000, 3_000), st.integers(1, 4_000)),
)
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_hits_come_latest_first_whatever_their_order_of_arrival(
    corpus: Database,
    make_article: Callable[..., Article],
    minutes: list[int],
    limit: int,
    span: tuple[int, int],
) -> None:
    corpus.save([make_article(n, text="kcna", **_times(at)) for n, at in enumerate(minutes)])
    since, until = (_times(at)["published_at"] for at in (span[0], span[0] + span[1]))
    rows = [
        r for r in corpus.articles.iter() if since <= (r.published_at or r.first_seen_at) < until
    ]
    rows.sort(key=lambda row: (row.published_at or row.first_seen_at, row.id), reverse=True)
    hits = corpus.search("kcna", limit=limit, since=since, until=until)
    assert [hit.id for hit in hits] == [row.id for row in rows][:limit]


def test_an_article_whose_time_becomes_known_changes_its_place(
    corpus: Database, make_article: Callable[..., Article], captured: Callable[..., Capture]
) -> None:
    early = _times(0) | {"published_at": None}
    first = make_article(0, text="kcna", capture=captured(9_100), **early)
    corpus.save([first, make_article(1, text="kcna", **_times(3_000))])
    assert found(corpus, "kcna") == [1, 0]
    corpus.save(
        [replace(first, capture=captured(9_200), published_at=_times(9_000)["first_seen_at"])]
    )
    assert found(corpus, "kcna") == [0, 1]
    assert found(corpus, "kcna", since=_times(8_000)["published_at"]) == [0]


def test_times_of_any_year_can_be_searched(
    corpus: Database, make_article: Callable[..., Article]
) -> None:
    for n, year in enumerate((1, 1899, 2000, 9999)):
        at = datetime(year, 6, 1, tzinfo=UTC)
        corpus.save([make_article(n, text="kcna", published_at=None, first_seen_at=at)])
    rows = sorted(corpus.articles.iter(), key=lambda row: (row.first_seen_at, row.id), reverse=True)
    assert [hit.id for hit in corpus.search("kcna")] == [row.id for row in rows]


def test_sqlite_reads_the_latest_hits_off_the_index_without_sorting_all(
    sqlite_corpus: Database,
) -> None:
    where = [article.c.outlet == "tass"]
    with sqlite_corpus.engine.connect() as connection:
        asked = fulltext.latest_query(
            query.parse("kcna"), connection, where, first_place=0, end_place=2**50
        ).limit(5)
        compiled = asked.compile(connection, compile_kwargs={"literal_binds": True})
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        plan = [str(step[3]) for step in steps]
    assert plan[0].startswith("SCAN search_index VIRTUAL TABLE")
    assert not [step for step in plan if "TEMP B-TREE" in step]


@given(st.text(max_size=200), st.text("ab북 남é", min_size=1, max_size=6))
def test_a_snippet_marks_lie_inside_it(text: str, words: str) -> None:
    try:
        node = query.parse(words)
    except query.BadQuery:
        return
    made = make_snippet(text, node, width=40)
    assert len(made.text) <= 42
    ends = [place for mark in made.hit_spans for place in mark]
    assert ends == sorted(ends)
    assert all(0 <= end <= len(made.text) for end in ends)
