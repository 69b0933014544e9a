"""The same stories from a file and from a database, whatever the order of arrival."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup.batch import cluster
from dedup.records import Document
from dedup.scheme import Scheme
from storage import open_database
from storage.records import Article


@pytest.fixture
def corpus(
    make: Callable[..., Document],
    english: tuple[str, ...],
    korean: tuple[str, ...],
    prose: Callable[[int, int], str],
) -> list[Document]:
    """Copies, cuts, updates, a digest, pages in one frame, strangers."""
    made = [make(english), make(english[:7]), make(english[4:]), make([*english, "More."])]
    made += [make(korean), make([each.replace("었다.", "었습니다.") for each in korean])]
    made += [make(korean[:6]), make(english), make([*english, prose(1, 180)])]
    made += [make([prose(2, 150), *english[3:6]]), make(prose(3, 200)), make("Too short.")]
    articles = [make(prose(20 + number, 200)) for number in range(4)]
    made += [*articles, make("\n\n".join(each.text for each in articles))]
    frame = prose(4, 400)
    made += [
        make(f"{frame} {prose(40 + n, 90)}", title=prose(60 + n, 7), outlet="framed")
        for n in range(7)
    ]
    made += [make(english[:7], days=90), make([*english[:10]], days=400)]
    return made


@pytest.mark.parametrize("shuffle", [1, 2, 3])
def test_a_database_tells_the_stories_that_a_file_tells(
    shuffle: int, corpus: list[Document], tmp_path: Path
) -> None:
    expected = {
        frozenset(corpus[i - 1].uid for i in story.members)
        for story in cluster(corpus, Scheme(seed=7)).stories
    }
    database = open_database(f"sqlite:///{tmp_path / 'corpus.db'}", seed=7)
    try:
        arriving = random.Random(shuffle).sample(corpus, len(corpus))
        receipts = database.save([as_article(each) for each in arriving])
        uids = {
            receipt.article_id: each.uid for receipt, each in zip(receipts, arriving, strict=True)
        }
        found = {frozenset(uids[each.id] for each in s.members) for s in database.stories()}
    finally:
        database.close()
    assert found == expected


def as_article(document: Document) -> Article:
    return Article(
        outlet=document.outlet,
        url=f"https://example.org/{document.uid}",
        key=document.uid,
        title=document.title,
        text=document.text,
        published_at=document.published_at,
    )
