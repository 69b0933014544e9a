"""The same stories from a file and from a database, whatever the order of arrival."""

import gzip
import random
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from cli.engines.signing import read_documents
from dedup.bulk.cluster import cluster_documents
from dedup.records import Document
from dedup.signature.scheme import Scheme
from storage import open_database
from storage.identity import compute_identity, make_uid
from storage.importers.jsonl_reader import read_jsonl
from storage.records import Article

SHARED = Path(__file__).parents[3] / "../shared"


@pytest.fixture
def corpus(
    make: Callable[..., Document],
    english: tuple[str, ...],
    korean: tuple[str, ...],
    prose: Callable[[int, int], str],
) -> list[Document]:
    """Copies, cuts, updates, a digest, pages in one frame or a shared one, flashes, strangers."""
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
    flash = "The light over the northern cliff was seen again at dawn, the harbour office said."
    made += [make(flash, title="Light seen again") for _ in range(3)]
    made += [make(f"{flash} Boats stay in.", title="Light seen again"), make(flash, days=30)]
    made += [make(f"{flash}\u200b", outlet="agency"), make("Sub\u00adscribe now, please.")]
    frame = prose(5, 400)
    made += [
        make(f"{frame} {prose(80 + n, 90)}", title=prose(90 + n, 7), outlet=f"press {n % 3}")
        for n in range(9)
    ]
    return made


@pytest.mark.parametrize("shuffle", [1, 2, 3])
def test_a_database_tells_the_stories_that_a_file_tells(
    shuffle: int, corpus: list[Document], tmp_path: Path
) -> None:
    expected = {
        frozenset(corpus[i - 1].uid for i in story.members)
        for story in cluster_documents(corpus, Scheme(seed=7)).stories
    }
    database = open_database(f"sqlite:///{tmp_path / 'corpus.db'}", seed=7)
    try:
        arriving = random.Random(shuffle).sample(corpus, len(corpus))
        receipts = database.save([as_article(each) for each in arriving])
        uids = {
            receipt.article_id: each.uid for receipt, each in zip(receipts, arriving, strict=True)
        }
        found = {frozenset(uids[each.id] for each in s.members) for s in database.stories.iter()}
    finally:
        database.close()
    assert found == expected


@pytest.fixture
def real_corpus(tmp_path: Path) -> Path:
    """Labelled articles and others, of four languages, in one file."""
    if not (SHARED / "gold").is_dir():
        pytest.skip("the real texts do not lie beside the checkout")
    with gzip.open(SHARED / "load/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        load = list(islice(lines, 40))
    gold = (SHARED / "gold/input.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join([*gold[:140], *load]), encoding="utf-8")
    return path


def refuse(cause: str, line: str) -> None:
    pytest.fail(f"{cause}: {line}")


@pytest.mark.slow
@pytest.mark.shared
def test_cluster_and_import_of_one_file_tell_the_same_stories(
    real_corpus: Path, database_url: str
) -> None:
    names: dict[int, str] = {}
    documents = list(read_documents([str(real_corpus)], names, refuse))
    uids = {each.id: each.uid.partition("#")[0] for each in documents}
    expected = {
        frozenset(uids[i] for i in story.members)
        for story in cluster_documents(documents, Scheme(seed=7)).stories
    }
    with open_database(database_url, seed=7) as database:
        database.outlets.declare_ranks(
            {each.outlet: each.rank for each in documents if each.outlet}
        )
        articles = [each for each in read_jsonl(real_corpus) if isinstance(each, Article)]
        receipts = database.save(articles)
        told = {r.article_id: uid_of(each) for r, each in zip(receipts, articles, strict=True)}
        found = {frozenset(told[each.id] for each in s.members) for s in database.stories.iter()}
    assert found == expected
    assert any(len(story) > 1 for story in found)


def uid_of(article: Article) -> str:
    return make_uid(
        article.outlet, compute_identity(article.key, article.canonical_url, article.url)
    )


def as_article(document: Document) -> Article:
    return Article(
        outlet=document.outlet,
        url=f"https://example.org/{document.uid}",
        key=document.uid,
        title=document.title,
        text=document.text,
        published_at=document.published_at,
    )
