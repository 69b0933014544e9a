"""Builds the statements of the dedup index once, at import; each list is one parameter."""

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    CompoundSelect,
    Integer,
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
from storage.tables.columns import bound_list_rows, in_bound_list

_NO_ID_LIMIT = 2**62  # larger than any article id


def _limited_keys(postings: Table, parameter: str) -> CTE:
    """Selects each key with the largest article id that is a hit: few articles for a hot key."""
    key_rows = bound_list_rows(parameter)

    def holder(offset: str) -> Any:
        return (
            select(postings.c.article_id)
            .where(postings.c.hash == key_rows.c.value, postings.c.article_id != bindparam("me"))
            .order_by(postings.c.article_id)
            .limit(1)
            .offset(bindparam(offset, type_=BigInteger))
            .scalar_subquery()
        )

    last_id = case((holder("hot_key").is_(None), literal(_NO_ID_LIMIT)), else_=holder("hot_sample"))
    keys = select(key_rows.c.value.label("hash"), last_id.label("last")).cte(
        f"{postings.name}_keys"
    )
    return keys.prefix_with("MATERIALIZED")


def _candidates_query(postings: Table, parameter: str, kind: int) -> Select[Any]:
    keys = _limited_keys(postings, parameter)
    return (
        select(
            literal(kind).label("kind"),
            postings.c.hash,
            postings.c.article_id,
            case((keys.c.last < _NO_ID_LIMIT, 1), else_=0).label("hot"),
        )
        .join_from(keys, postings, postings.c.hash == keys.c.hash)
        .where(postings.c.article_id <= keys.c.last, postings.c.article_id != bindparam("me"))
    )


def _same_text_query() -> Select[Any]:
    """Selects the first documents with this text hash; hot keys alone may not find them."""
    same_text = (
        select(signature.c.article_id, signature.c.text_hash)
        .where(signature.c.text_hash == bindparam("text_hash", type_=LargeBinary))
        .where(signature.c.article_id != bindparam("me"), func.length(signature.c.text_hash) > 0)
        .order_by(signature.c.article_id)
        .limit(bindparam("prints", type_=BigInteger))
        .subquery()
    )
    return select(same_text)


# The articles that hold each key, by kind (0: band, 1: fingerprint); the first few for a hot key.
CANDIDATES_QUERY = union_all(
    _candidates_query(band, "bands", 0), _candidates_query(fingerprint, "fingerprints", 1)
)
CANDIDATE_HASHES_QUERY: CompoundSelect[Any] = union_all(
    select(signature.c.article_id, signature.c.text_hash).where(
        in_bound_list(signature.c.article_id, "ids")
    ),
    _same_text_query(),
)
_CHANGED_ARTICLES = union_all(
    select(unposted.c.id, unposted.c.article_id).where(
        unposted.c.id > bindparam("after", type_=BigInteger)
    ),
    select(literal(0).label("id"), bound_list_rows("ids").c.value.label("article_id")),
).subquery()
# The keys of the articles in `unposted` after a given row, and of the articles with these ids.
PENDING_KEYS_QUERY = (
    select(
        _CHANGED_ARTICLES.c.id,
        _CHANGED_ARTICLES.c.article_id,
        signature.c.bands,
        signature.c.fingerprints,
    )
    .outerjoin_from(
        _CHANGED_ARTICLES, signature, signature.c.article_id == _CHANGED_ARTICLES.c.article_id
    )
    .order_by(_CHANGED_ARTICLES.c.id)
)
INSERT_PENDING = insert(unposted)
DOCUMENTS_QUERY = (
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
    .where(in_bound_list(article.c.id, "ids"))
)
SIGNED_DOCUMENTS_QUERY = DOCUMENTS_QUERY.join(signature, signature.c.article_id == article.c.id)
DOCUMENTS_WITHOUT_TEXT_QUERY = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.identity,
        article.c.published_at,
        article.c.seen_at,
        article.c.language,
        outlet.c.rank,
        literal("").label("title"),
        literal("").label("text"),
    )
    .join_from(article, outlet, outlet.c.name == article.c.outlet)
    .where(in_bound_list(article.c.id, "ids"))
)
MEMBERS_QUERY = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.identity,
        article.c.published_at,
        article.c.seen_at,
        article.c.language,
        outlet.c.rank,
        signature.c.text_hash,
    )
    .join_from(signature, article, article.c.id == signature.c.article_id)
    .join(outlet, outlet.c.name == article.c.outlet)
    .where(in_bound_list(signature.c.article_id, "ids"))
)
RELATIONS_QUERY = union_all(
    select(relation).where(in_bound_list(relation.c.a, "ids")),
    select(relation).where(in_bound_list(relation.c.b, "ids")),
)
DECISIONS_QUERY = union_all(
    select(decision.c.a, decision.c.b, decision.c.verb).where(in_bound_list(decision.c.a, "ids")),
    select(decision.c.a, decision.c.b, decision.c.verb).where(in_bound_list(decision.c.b, "ids")),
)
STORIES_QUERY = (
    select(article.c.id, story.c.id.label("story_id"), story.c.lead_id)
    .join_from(article, story, story.c.id == article.c.story_id)
    .where(in_bound_list(article.c.id, "ids"))
)
STORY_IDS_QUERY = select(article.c.id, article.c.story_id).where(in_bound_list(article.c.id, "ids"))
STORY_SIZES_QUERY = (
    select(article.c.story_id, func.count().label("size"))
    .where(in_bound_list(article.c.story_id, "ids"))
    .group_by(article.c.story_id)
)
STORED_KEYS_QUERY = select(signature.c.bands, signature.c.fingerprints).where(
    signature.c.article_id == bindparam("me")
)
DELETE_POSTINGS = {
    table.name: delete(table).where(
        in_bound_list(table.c.hash, "hashes"), table.c.article_id == bindparam("me")
    )
    for table in (band, fingerprint)
}
DELETE_RELATIONS = (
    delete(relation).where(relation.c.a == bindparam("me")),
    delete(relation).where(relation.c.b == bindparam("me")),
)
DELETE_RELATION = delete(relation).where(
    relation.c.a == bindparam("first"), relation.c.b == bindparam("second")
)
_ASKED_STORIES = bound_list_rows("ids")
# Any of these stories that has more members than `limit`, without counting all of them.
LARGE_STORY_QUERY = (
    select(_ASKED_STORIES.c.value)
    .where(
        select(article.c.id)
        .where(article.c.story_id == _ASKED_STORIES.c.value)
        .limit(1)
        .offset(bindparam("limit", type_=Integer))
        .exists()
    )
    .limit(1)
)
DELETE_SIGNATURE = delete(signature).where(signature.c.article_id == bindparam("me"))
DELETE_ATTRIBUTIONS = delete(attribution).where(attribution.c.article_id == bindparam("me"))
DECISION_EXISTS_QUERY = select(select(decision.c.a).exists())
STORY_EXISTS_QUERY = select(select(story.c.id).where(story.c.id == bindparam("me")).exists())
INSERT_STORY = insert(story).returning(story.c.id)
INSERT_STORIES = insert(story).returning(story.c.id, sort_by_parameter_order=True)
INSERT_SIGNATURE = insert(signature)
INSERT_RELATION = insert(relation)
INSERT_ATTRIBUTION = insert(attribution)
SET_STORY = (
    update(article).where(in_bound_list(article.c.id, "ids")).values(story_id=bindparam("into"))
)
SET_OWN_STORY = (
    update(article).where(article.c.id == bindparam("me")).values(story_id=bindparam("into"))
)
SET_LEAD = update(story).where(story.c.id == bindparam("me")).values(lead_id=bindparam("lead"))
IS_STORY_OR_REDIRECT = or_(story.c.id == bindparam("me"), story.c.merged_into == bindparam("me"))
REDIRECT_STORY = update(story).where(IS_STORY_OR_REDIRECT).values(merged_into=bindparam("into"))
FOLLOW_LEAD = (
    update(story)
    .where(story.c.merged_into == bindparam("left"), story.c.lead_id == bindparam("article"))
    .values(merged_into=bindparam("target"))
)
RELATION_FIELDS = tuple(column.name for column in relation.c)
