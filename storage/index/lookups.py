"""The statements of `storage.index.sql_index`, built once; each takes its lists as one parameter."""

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    CompoundSelect,
    LargeBinary,
    Select,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from storage.tables.articles import (
    article,
    attribution,
    band,
    decision,
    fingerprint,
    outlet,
    relation,
    signature,
    story,
    unposted,
    version,
)
from storage.tables.columns import among, rows_of

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


def _holders(postings: Table, parameter: str, kind: int) -> Select[Any]:
    keys = _keys(postings, parameter)
    return (
        select(
            literal(kind).label("kind"),
            postings.c.hash,
            postings.c.article_id,
            case((keys.c.last < _FIRST_ID, 1), else_=0).label("hot"),
        )
        .join_from(keys, postings, postings.c.hash == keys.c.hash)
        .where(postings.c.article_id <= keys.c.last, postings.c.article_id != bindparam("me"))
    )


def _twins() -> Select[Any]:
    """The first documents with the same text hash: with hot keys they may be no hits."""
    twin = (
        select(signature.c.article_id, signature.c.text_hash)
        .where(signature.c.text_hash == bindparam("text_hash", type_=LargeBinary))
        .where(signature.c.article_id != bindparam("me"), func.length(signature.c.text_hash) > 0)
        .order_by(signature.c.article_id)
        .limit(bindparam("prints", type_=BigInteger))
        .subquery()
    )
    return select(twin)


# The articles that hold a key, by kind (0 a band, 1 a fingerprint); of a hot key the first few.
HOLDERS = union_all(_holders(band, "bands", 0), _holders(fingerprint, "fingerprints", 1))
TEXT_HASHES: CompoundSelect[Any] = union_all(
    select(signature.c.article_id, signature.c.text_hash).where(
        among(signature.c.article_id, "ids")
    ),
    _twins(),
)
_CHANGED = union_all(
    select(unposted.c.id, unposted.c.article_id).where(
        unposted.c.id > bindparam("after", type_=BigInteger)
    ),
    select(literal(0).label("id"), rows_of("ids").c.value.label("article_id")),
).subquery()
# Articles whose keys changed after a row of `unposted`, and those of these ids, with their keys.
UNPOSTED_SINCE = (
    select(_CHANGED.c.id, _CHANGED.c.article_id, signature.c.bands, signature.c.fingerprints)
    .outerjoin_from(_CHANGED, signature, signature.c.article_id == _CHANGED.c.article_id)
    .order_by(_CHANGED.c.id)
)
UNPOST_LATER = insert(unposted)
_DESCRIBED = (
    article.c.id,
    article.c.outlet,
    article.c.identity,
    article.c.published_at,
    article.c.seen_at,
    article.c.language,
    outlet.c.rank,
)
DOCUMENTS = (
    select(*_DESCRIBED, version.c.title, version.c.text)
    .join_from(article, version, version.c.id == article.c.version_id)
    .join(outlet, outlet.c.name == article.c.outlet)
    .where(among(article.c.id, "ids"))
)
PLACED_DOCUMENTS = DOCUMENTS.join(signature, signature.c.article_id == article.c.id)
HEADS = (
    select(*_DESCRIBED, literal("").label("title"), literal("").label("text"))
    .join_from(article, outlet, outlet.c.name == article.c.outlet)
    .where(among(article.c.id, "ids"))
)
MEMBERS = (
    select(*_DESCRIBED, signature.c.text_hash)
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
