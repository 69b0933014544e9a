"""What must hold in every database at every instant, and what does not in a given one."""

from collections.abc import Iterable, Iterator

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    func,
    not_,
    or_,
    select,
    text,
)

from storage.index.corpus import Corpus
from storage.index.fresh import unpack
from storage.saving.save import history_of
from storage.search.fulltext import searched
from storage.tables.articles import (
    article,
    band,
    capture,
    fingerprint,
    is_article,
    is_living_story,
    relation,
    signature,
    story,
    unposted,
    version,
)
from storage.tables.columns import AnyRow, among

_SHOWN = 5
_HEIR = story.alias("heir")
_LEAD = article.alias("lead")
_OTHER = signature.alias("other")


def _without(what: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return not_(select(what).where(condition).exists())


# Each finds the ids of rows that break the rule.
_RULES: dict[str, Select[int]] = {
    "articles without their current version": select(article.c.id).where(
        _without(
            version,
            and_(version.c.id == article.c.version_id, version.c.article_id == article.c.id),
        )
    ),
    "articles that are not searched in their current version": select(article.c.id).where(
        _without(
            searched,
            and_(
                searched.c.article_id == article.c.id,
                searched.c.version_id == article.c.version_id,
            ),
        )
    ),
    "articles of another class than their current version": select(article.c.id)
    .join_from(article, version, version.c.id == article.c.version_id)
    .where(version.c.page_class != article.c.page_class),
    "articles without a signature": select(article.c.id).where(
        is_article(), _without(signature, signature.c.article_id == article.c.id)
    ),
    "stubs with a signature": select(article.c.id)
    .join_from(article, signature, signature.c.article_id == article.c.id)
    .where(not_(is_article())),
    "articles in no living story": select(article.c.id).where(
        _without(story, and_(story.c.id == article.c.story_id, is_living_story()))
    ),
    "living stories whose lead is none of their members": select(story.c.id)
    .outerjoin_from(story, _LEAD, _LEAD.c.id == story.c.lead_id)
    .where(is_living_story(), or_(_LEAD.c.id.is_(None), _LEAD.c.story_id != story.c.id)),
    "redirects that take more than one hop": select(story.c.id)
    .join_from(story, _HEIR, _HEIR.c.id == story.c.merged_into)
    .where(_HEIR.c.merged_into.is_not(None)),
    "relations not in order": select(relation.c.a).where(relation.c.a >= relation.c.b),
    "relations of articles without a signature": select(relation.c.a)
    .outerjoin_from(relation, signature, signature.c.article_id == relation.c.a)
    .outerjoin(_OTHER, _OTHER.c.article_id == relation.c.b)
    .where(or_(signature.c.article_id.is_(None), _OTHER.c.article_id.is_(None))),
    "captures that show a version of another article": select(capture.c.id)
    .join_from(capture, version, version.c.id == capture.c.version_id)
    .where(version.c.article_id != capture.c.article_id),
}


def check(database: Corpus, acknowledged: Iterable[int] = ()) -> list[str]:
    """What is wrong with the database, a sentence each; an empty list if nothing is.

    `acknowledged`: ids of articles that were reported stored, which must be there. Reads everything.
    """
    with database.reading() as connection:
        found = [*_integrity(connection), *_broken_rules(connection), *_histories(connection)]
        found += _postings(connection, database.scheme.name)
        found += _missing(connection, acknowledged)
    return found


def _integrity(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        for pragma in ("integrity_check", "foreign_key_check"):
            rows = connection.execute(text(f"PRAGMA {pragma}")).all()
            if rows and rows[0][0] != "ok":
                yield f"SQLite's {pragma} says: {rows[0]}"


def _broken_rules(connection: Connection) -> Iterator[str]:
    for rule, asked in _RULES.items():
        ids = list(connection.scalars(asked))
        if ids:
            yield _sentence(rule, ids)


def _histories(connection: Connection) -> Iterator[str]:
    """The current version must be the one that the captures of the article say."""
    several = select(version.c.article_id).group_by(version.c.article_id).having(func.count() > 1)
    current = select(article.c.id, article.c.version_id).where(article.c.id.in_(several))
    versions = _by_article(connection.execute(version.select().where(_of(version, several))))
    captures = _by_article(connection.execute(capture.select().where(_of(capture, several))))
    wrong = [
        row.id
        for row in connection.execute(current)
        if history_of(versions[row.id], captures.get(row.id, ())).current() != row.version_id
    ]
    if wrong:
        yield _sentence("articles whose current version is not the latest", wrong)


def _of(table: Table, articles: Select[int]) -> ColumnElement[bool]:
    return table.c.article_id.in_(articles)


def _by_article(rows: Iterable[AnyRow]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.article_id, []).append(row)
    return found


def _postings(connection: Connection, scheme: str) -> Iterator[str]:
    """The rows of both inverted indexes must be what the signatures say, no more and no less."""
    foreign = list(
        connection.scalars(select(signature.c.article_id).where(signature.c.scheme != scheme))
    )
    if foreign:
        yield _sentence("signatures of another scheme", foreign)
    waiting = set(connection.scalars(select(unposted.c.article_id)))
    for table, column in ((band, signature.c.bands), (fingerprint, signature.c.fingerprints)):
        lacking, expected = [], 0
        for row in connection.execute(select(signature.c.article_id, column.label("keys"))).all():
            keys = np.unique(unpack(row.keys)).tolist()
            asked = select(func.count()).where(
                among(table.c.hash, "keys"), table.c.article_id == row.article_id
            )
            held = connection.scalar(asked, {"keys": keys}) or 0
            expected += held
            if held != len(keys) and row.article_id not in waiting:
                lacking.append(row.article_id)
        if lacking:
            yield _sentence(f"articles that lack rows in {table.name}", lacking)
        elif connection.scalar(select(func.count()).select_from(table)) != expected:
            yield f"{table.name} holds rows of no signature"


def _missing(connection: Connection, acknowledged: Iterable[int]) -> Iterator[str]:
    there = set(connection.scalars(select(article.c.id)))
    missing = sorted(set(acknowledged) - there)
    if missing:
        yield _sentence("articles reported stored and missing", missing)


def _sentence(what: str, ids: list[int]) -> str:
    shown = ", ".join(str(i) for i in ids[:_SHOWN])
    return f"{len(ids)} {what}: {shown}{' ...' if len(ids) > _SHOWN else ''}"
