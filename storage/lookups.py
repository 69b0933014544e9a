"""The statements of `storage.index`, built once; each takes its lists as one parameter."""

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    CompoundSelect,
    LargeBinary,
    Select,
    Subquery,
    Table,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from storage.columns import among, rows_of
from storage.models import (
    article,
    attribution,
    band,
    decision,
    fingerprint,
    outlet,
    relation,
    signature,
    story,
    version,
)

_FIRST_ID = 2**62  # larger than any id: no limit


def _keys(postings: Table, parameter: str) -> CTE:
    """The asked keys, each with the last article id that counts: a hot key has few."""
    asked = rows_of(parameter)

    def holder(offset: str) -> Any:
        return (
            select(postings.c.article_id)
            .where(postings.c.hash == asked.c.value, postings.c.article_id != bindparam("me"))
            .order_by(postings.c.article_id)
            .limit(1)
            .offset(bindparam(offset, type_=BigInteger))
            .scalar_subquery()
        )

    last = case((holder("hot_key").is_(None), literal(_FIRST_ID)), else_=holder("hot_sample"))
    keys = select(asked.c.value.label("hash"), last.label("last")).cte(f"{postings.name}_keys")
    return keys.prefix_with("MATERIALIZED")


def _hits(postings: Table, parameter: str, bands: int, fingerprints: int) -> Select[Any]:
    keys = _keys(postings, parameter)
    return (
        select(
            postings.c.article_id,
            literal(bands).label("bands"),
            literal(fingerprints).label("fingerprints"),
        )
        .join_from(keys, postings, postings.c.hash == keys.c.hash)
        .where(postings.c.article_id <= keys.c.last, postings.c.article_id != bindparam("me"))
    )


def _twin() -> Subquery:
    """The first documents with the same text hash: with hot keys they may be no hits."""
    return (
        select(signature.c.article_id, literal(0).label("hits"), signature.c.text_hash)
        .where(signature.c.text_hash == bindparam("text_hash", type_=LargeBinary))
        .where(signature.c.article_id != bindparam("me"), func.length(signature.c.text_hash) > 0)
        .order_by(signature.c.article_id)
        .limit(bindparam("prints", type_=BigInteger))
        .subquery()
    )


def _candidates() -> CompoundSelect[Any]:
    hits = union_all(
        _hits(band, "bands", 1, 0), _hits(fingerprint, "fingerprints", 0, 1)
    ).subquery()
    bands, fingerprints = func.sum(hits.c.bands), func.sum(hits.c.fingerprints)
    found = (
        select(hits.c.article_id, func.count().label("hits"))
        .group_by(hits.c.article_id)
        .having(or_(bands > 0, fingerprints >= bindparam("least")))
        .subquery()
    )
    worthy = select(found.c.article_id, found.c.hits, signature.c.text_hash).join_from(
        found, signature, signature.c.article_id == found.c.article_id
    )
    return union_all(worthy, select(_twin()))


CANDIDATES = _candidates()
DOCUMENTS = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.identity,
        article.c.published_at,
        article.c.seen_at,
        article.c.language,
        outlet.c.rank,
        version.c.title,
        version.c.text,
    )
    .join_from(article, version, version.c.id == article.c.version_id)
    .join(outlet, outlet.c.name == article.c.outlet)
    .where(among(article.c.id, "ids"))
)
PLACED_DOCUMENTS = DOCUMENTS.join(signature, signature.c.article_id == article.c.id)
MEMBERS = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.identity,
        article.c.published_at,
        article.c.seen_at,
        outlet.c.rank,
        signature.c.text_hash,
    )
    .join_from(signature, article, article.c.id == signature.c.article_id)
    .join(outlet, outlet.c.name == article.c.outlet)
    .where(among(signature.c.article_id, "ids"))
)
RELATIONS = union_all(
    select(relation).where(among(relation.c.a, "ids")),
    select(relation).where(among(relation.c.b, "ids")),
)
DECISIONS = union_all(
    select(decision.c.a, decision.c.b, decision.c.verb).where(among(decision.c.a, "ids")),
    select(decision.c.a, decision.c.b, decision.c.verb).where(among(decision.c.b, "ids")),
)
STORIES_OF = (
    select(article.c.id, story.c.id.label("story_id"), story.c.lead_id)
    .join_from(article, story, story.c.id == article.c.story_id)
    .where(among(article.c.id, "ids"))
)
SIZES = (
    select(article.c.story_id, func.count().label("size"))
    .where(among(article.c.story_id, "ids"))
    .group_by(article.c.story_id)
)
HELD_KEYS = select(signature.c.bands, signature.c.fingerprints).where(
    signature.c.article_id == bindparam("me")
)
POST = {
    table.name: insert(table).from_select(
        ["hash", "article_id"],
        select(rows_of("hashes").c.value, cast(bindparam("me"), BigInteger)),
    )
    for table in (band, fingerprint)
}
UNPOST = {
    table.name: delete(table).where(
        among(table.c.hash, "hashes"), table.c.article_id == bindparam("me")
    )
    for table in (band, fingerprint)
}
UNRELATE = (
    delete(relation).where(relation.c.a == bindparam("me")),
    delete(relation).where(relation.c.b == bindparam("me")),
)
UNSIGN = delete(signature).where(signature.c.article_id == bindparam("me"))
UNATTRIBUTE = delete(attribution).where(attribution.c.article_id == bindparam("me"))
ANY_DECISION = select(select(decision.c.a).exists())
INSERT_STORY = insert(story).returning(story.c.id)
INSERT_SIGNATURE = insert(signature)
INSERT_RELATION = insert(relation)
INSERT_ATTRIBUTION = insert(attribution)
MOVE = update(article).where(among(article.c.id, "ids")).values(story_id=bindparam("into"))
SET_LEAD = update(story).where(story.c.id == bindparam("me")).values(lead_id=bindparam("lead"))
LED_BY = or_(story.c.id == bindparam("me"), story.c.merged_into == bindparam("me"))
REDIRECT = update(story).where(LED_BY).values(merged_into=bindparam("into"), lead_id=None)
RELATION_FIELDS = tuple(column.name for column in relation.c)
