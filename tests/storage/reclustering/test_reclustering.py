import json
import random
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, select, text, update

from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.errors import DedupSchemeError
from storage.invariants import check_invariants
from storage.reclustering import recluster_job as anew
from storage.records import Article, SaveOutcome
from storage.tables.articles import article, relation, signature, story
from storage.tables.meta import meta

Make = Callable[..., Article]
Write = Callable[[int], str]


@pytest.fixture
def corpus(database: Database, make: Make, write: Write) -> Database:
    """Copies 1 and 2; 3, 4 and 5 by themselves."""
    copy = make(2, outlet="times", text=write(1) + " More was said.")
    database.save([make(1), copy, make(3), make(4), make(5)])
    return database


def stories(database: Database) -> dict[int, tuple[int, ...]]:
    return {story.id: tuple(m.id for m in story.members) for story in database.stories.iter()}


def test_a_corpus_that_is_right_is_left_as_it_is(corpus: Database) -> None:
    before, edges = stories(corpus), list(corpus.stories.relations())
    result = corpus.recluster()
    assert (result.articles, result.stories_before, result.stories_after) == (5, 4, 4)
    assert result.moved == ()
    assert stories(corpus) == before
    assert list(corpus.stories.relations()) == edges
    assert check_invariants(corpus) == []


def tear_apart(connection: Connection) -> None:
    """As if an older version had not seen that 1 and 2 are one text."""
    connection.execute(delete(relation))
    connection.execute(
        text(
            "INSERT INTO story (id, lead_id, created_at) SELECT 99, 2, created_at "
            "FROM story WHERE id = 1"
        )
    )
    connection.execute(text("UPDATE article SET story_id = 99 WHERE id = 2"))


def test_a_dry_run_says_what_would_change_and_changes_nothing(corpus: Database) -> None:
    corpus.write(tear_apart)
    before = stories(corpus)
    result = corpus.recluster(dry_run=True)
    assert (result.stories_before, result.stories_after, result.moved) == (5, 4, (1, 2))
    assert stories(corpus) == before


def test_stories_made_anew_keep_their_oldest_ids(corpus: Database) -> None:
    before = stories(corpus)
    corpus.write(tear_apart)
    corpus.recluster()
    assert stories(corpus) == before
    assert corpus.stories.current_id(99) == 1
    assert check_invariants(corpus) == []


@pytest.mark.threats("D6")
def test_decisions_outlive_it(corpus: Database) -> None:
    corpus.decisions.add(1, 2, DecisionVerb.CANNOT_LINK)
    corpus.decisions.add(3, 4, DecisionVerb.MUST_LINK)
    before = stories(corpus)
    assert corpus.recluster().moved == ()
    assert stories(corpus) == before


def age(connection: Connection) -> None:
    """As if the rules had changed since the signatures were made."""
    name = update(meta).where(meta.c.key == "dedup.scheme.name")
    connection.execute(name.values(value="n0.old"))
    connection.execute(update(signature).values(scheme="n0.old"))


def test_the_signatures_of_an_older_version_are_brought_up_to_date(
    corpus: Database, corpus_url: str, make: Make, write: Write
) -> None:
    before = stories(corpus)
    corpus.write(age)
    old = open_database(corpus_url)
    with pytest.raises(DedupSchemeError):
        old.save([make(6)])
    old.recluster()
    assert stories(old) == before
    [receipt] = old.save([make(6, text=write(3))])
    assert (receipt.outcome, receipt.story_id) == (SaveOutcome.NEW, old.articles.get(3).story_id)
    assert check_invariants(old) == []
    old.close()


def test_a_database_of_a_newer_version_is_left_alone(corpus: Database, corpus_url: str) -> None:
    def grow(connection: Connection) -> None:
        mine = meta.c.key == "dedup.scheme"
        held = json.loads(connection.scalar(select(meta.c.value).where(mine)) or "")
        newer = json.dumps({**held, "invented": 1})
        connection.execute(update(meta).where(mine).values(value=newer))

    corpus.write(grow)
    newer = open_database(corpus_url)
    with pytest.raises(DedupSchemeError, match="newer nkwire"):
        newer.recluster()
    newer.close()


def test_articles_that_come_while_it_works_are_placed_too(
    corpus: Database, corpus_url: str, make: Make, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_database(corpus_url)
    monkeypatch.setattr(anew, "_ARTICLES_PER_BATCH", 1)

    def come(done: int, total: int) -> None:
        if done == total:
            other.save([make(6, outlet="post", text=write(3)), make(4, text=write(5))])

    corpus.recluster(progress=come)
    assert corpus.articles.get(6).story_id == corpus.articles.get(3).story_id
    assert corpus.articles.get(4).story_id == corpus.articles.get(5).story_id
    assert check_invariants(corpus) == []
    other.close()


@pytest.fixture
def ids(database: Database, make: Make, write: Write) -> dict[int, int]:
    """Number -> id of thirty articles that came in no order: twelve prints of a text, copies, cuts,
    strangers; of these two are linked by a person, and two copies parted.
    """
    made = [make(n, outlet=f"print{n}", text=write(1)) for n in range(1, 13)]
    made += [make(n, outlet="times", text=f"{write(2)} {n} more.") for n in range(13, 18)]
    made += [make(n, outlet=f"late{n}", text=write(3)[: 900 - n]) for n in range(18, 22)]
    made += [make(n) for n in range(22, 31)]
    arriving = random.Random(5).sample(range(30), 30)
    receipts = database.save([made[at] for at in arriving])
    ids = {at + 1: receipt.article_id for at, receipt in zip(arriving, receipts, strict=True)}
    database.decisions.add(ids[22], ids[25], DecisionVerb.MUST_LINK)
    database.decisions.add(ids[18], ids[20], DecisionVerb.CANNOT_LINK)
    return ids


@pytest.mark.usefixtures("ids")
@pytest.mark.parametrize("aged", [False, True], ids=["signatures of today", "older signatures"])
def test_stories_that_were_muddled_are_told_as_before(
    aged: bool, database: Database, corpus_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anew, "_ARTICLES_PER_BATCH", 3)
    before = {frozenset(members) for members in stories(database).values()}
    edges = list(database.stories.relations())
    database.write(muddle)
    if aged:
        database.write(age)
    with open_database(corpus_url) as again:
        assert {frozenset(members) for members in stories(again).values()} != before
        promised = again.recluster(dry_run=True)
        assert again.recluster() == promised
        assert promised.stories_after == len(before)
        assert {frozenset(members) for members in stories(again).values()} == before
        assert list(again.stories.relations()) == edges
        assert check_invariants(again) == []
        assert again.recluster().moved == ()


def muddle(connection: Connection) -> None:
    """Hand the stories of all members on to others, and lose what is known of their relations."""
    rows = connection.execute(select(article.c.id, article.c.story_id).order_by(article.c.id)).all()
    connection.execute(delete(relation))
    others = [row.story_id for row in rows[7:]] + [row.story_id for row in rows[:7]]
    for row, other in zip(rows, others, strict=True):
        connection.execute(update(article).where(article.c.id == row.id).values(story_id=other))
        connection.execute(update(story).where(story.c.id == other).values(lead_id=row.id))


def test_what_changes_meanwhile_is_placed_and_what_is_decided_meanwhile_obeyed(
    database: Database, corpus_url: str, ids: dict[int, int], make: Make, write: Write
) -> None:
    first = min((n for n in range(1, 13)), key=ids.__getitem__)

    def come(done: int, total: int) -> None:
        if done == total:
            with open_database(corpus_url) as other:
                other.save([make(first, outlet=f"print{first}", text=write(50)), make(60)])
                other.decisions.add(ids[28], ids[29], DecisionVerb.MUST_LINK)

    def story_of(number: int) -> int:
        return database.articles.get(ids[number]).story_id

    database.recluster(progress=come)
    others = {story_of(n) for n in range(1, 13) if n != first}
    assert len(others) == 1
    assert story_of(first) not in others
    assert story_of(28) == story_of(29)
    assert check_invariants(database) == []
    told = stories(database)
    assert database.recluster().moved == ()
    assert stories(database) == told


def test_an_empty_database_stays_empty(database: Database) -> None:
    assert database.recluster().articles == 0
