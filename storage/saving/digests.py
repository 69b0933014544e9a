"""Analyses the new texts of a batch for deduplication, before the transaction begins."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from dedup.signature.scheme import Scheme
from storage.index.article_placement import TextAnalysis, analyse_text
from storage.records import PageClass
from storage.saving.prepare import PreparedArticle
from storage.tables.articles import article, version


def analyse_new_texts(
    connection: Connection, batch: Sequence[PreparedArticle], scheme: Scheme
) -> Mapping[str, TextAnalysis]:
    """Returns the analyses of the batch's whole texts that are not stored yet, by content hash."""
    whole_texts = {
        prepared.content_sha256: prepared
        for prepared in batch
        if prepared.article.page_class is PageClass.ARTICLE
    }
    for content_sha256 in _load_stored_contents(connection, batch):
        whole_texts.pop(content_sha256, None)
    return {
        content_sha256: analyse_text(
            prepared.article.title, prepared.article.text, prepared.article.language, scheme
        )
        for content_sha256, prepared in whole_texts.items()
    }


def _load_stored_contents(connection: Connection, batch: Sequence[PreparedArticle]) -> set[str]:
    if not batch:
        return set()
    # Not a list of pairs: SQLite would scan the whole table for several pairs.
    query = (
        select(version.c.content_sha256)
        .join_from(article, version, version.c.article_id == article.c.id)
        .where(article.c.outlet.in_({prepared.article.outlet for prepared in batch}))
        .where(article.c.identity.in_({prepared.identity for prepared in batch}))
    )
    return set(connection.scalars(query))
