"""Reads the articles of a snapshot, and computes in any process what their texts tell.

Only this process reads the database, so all articles are of one moment. Their texts travel to the
processes of the pool.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from dedup.bulk.task_pool import TaskPool
from dedup.records import Document, Features
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from storage.batches import batched
from storage.index.article_placement import attributions_of
from storage.index.pending_keys import unpack_keys
from storage.index.sql_index import load_documents, load_documents_without_text
from storage.tables.articles import article, is_article, signature
from storage.tables.columns import in_bound_list

_SIGNATURES_QUERY = select(
    signature.c.article_id,
    signature.c.text_hash,
    signature.c.shingles,
    signature.c.bands,
    signature.c.fingerprints,
).where(in_bound_list(signature.c.article_id, "ids"))


@dataclass(frozen=True, slots=True)
class DatabaseDocuments:
    """The articles of a database, as the `DocumentSource` of `dedup.bulk.bulk_clustering`."""

    connection: Connection
    articles_per_batch: int

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        return {
            article_id: document
            for batch in batched(sorted(ids), self.articles_per_batch)
            for article_id, document in load_documents(self.connection, batch).items()
        }

    def documents_without_text(self, ids: Collection[int]) -> Mapping[int, Document]:
        return load_documents_without_text(self.connection, ids)

    def reference(self, ids: Collection[int]) -> Callable[[], Mapping[int, Document]]:
        return _LoadedDocuments(self.documents(ids))


@dataclass(frozen=True, slots=True)
class _LoadedDocuments:
    """Documents that can travel to another process."""

    documents: Mapping[int, Document]

    def __call__(self) -> Mapping[int, Document]:
        return self.documents


@dataclass(frozen=True, slots=True)
class ArticleFeatures:
    """What the text of an article tells. `attributions`: rows of the table."""

    article_id: int
    features: Features
    attributions: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Texts:
    """Articles to read. `scheme`: of the features to compute, None to compute none."""

    documents: Sequence[Document]
    scheme: Scheme | None
    with_attributions: bool


def _read_texts(texts: _Texts) -> list[tuple[Features | None, list[dict[str, Any]]]]:
    """Returns the features and the attributions of each text."""
    return [
        (
            compute_features(document, texts.scheme) if texts.scheme else None,
            [{"article_id": document.id, **asdict(each)} for each in attributions_of(document)]
            if texts.with_attributions
            else [],
        )
        for document in texts.documents
    ]


def iter_article_features(
    connection: Connection,
    batches: Iterator[Sequence[int]],
    scheme: Scheme,
    pool: TaskPool,
    *,
    renews_signatures: bool,
    with_attributions: bool,
) -> Iterator[list[ArticleFeatures]]:
    """Yields what the articles of each batch of ids tell, in order.

    `renews_signatures`: computes the features anew; otherwise stored ones are read, without their
    signatures. `with_attributions`: whether to read the attributions.
    """
    waiting: deque[tuple[Sequence[int], dict[int, Features]]] = deque()

    def iter_texts() -> Iterator[_Texts]:
        for ids in batches:
            stored = {} if renews_signatures else _load_features(connection, ids, scheme)
            needs_texts = renews_signatures or with_attributions
            documents = load_documents(connection, ids) if needs_texts else {}
            waiting.append((ids, stored))
            yield _Texts(
                [documents[each] for each in ids] if needs_texts else [],
                scheme if renews_signatures else None,
                with_attributions,
            )

    for found in pool.map(_read_texts, iter_texts()):
        ids, stored = waiting.popleft()
        rows = found or [(None, [])] * len(ids)
        yield [
            ArticleFeatures(article_id, features or stored[article_id], attributions)
            for article_id, (features, attributions) in zip(ids, rows, strict=True)
        ]


def lacks_signatures(connection: Connection, scheme: Scheme) -> bool:
    """Returns whether any whole article lacks a signature of this scheme."""
    query = (
        select(article.c.id)
        .outerjoin_from(
            article,
            signature,
            (signature.c.article_id == article.c.id) & (signature.c.scheme == scheme.name),
        )
        .where(is_article(), signature.c.article_id.is_(None))
    )
    return connection.execute(query.limit(1)).first() is not None


def _load_features(
    connection: Connection, ids: Sequence[int], scheme: Scheme
) -> dict[int, Features]:
    rows = connection.execute(_SIGNATURES_QUERY, {"ids": ids})
    return {
        row.article_id: Features(
            scheme=scheme.name,
            text_hash=row.text_hash,
            shingles=row.shingles,
            signature=np.empty(0, np.uint32),
            bands=unpack_keys(row.bands),
            fingerprints=unpack_keys(row.fingerprints),
        )
        for row in rows
    }
