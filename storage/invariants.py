"""Checks the rules that must hold in every database at every moment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Table,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    true,
)

from storage.changes.version_details import HeldVersion
from storage.dialects import iter_file_problems
from storage.index.corpus import Corpus
from storage.index.pending_keys import unpack_keys
from storage.index.story_figures import FIGURES
from storage.index.unplaced import is_unplaced
from storage.saving.rows import build_history
from storage.saving.version_history import VersionCapture
from storage.search.fulltext import searched
from storage.tables.articles import (
    article,
    band,
    capture,
    edited_article_ids,
    fingerprint,
    is_article,
    is_unmerged_story,
    relation,
    signature,
    story,
    unposted,
    version,
)
from storage.tables.columns import in_bound_list
from storage.tables.reports import (
    carried,
    carrier,
    carrying_story,
    report,
    report_redirect,
    touched_day,
)
from storage.totals.recount import find_wrong_totals

_MAX_IDS_SHOWN = 5
_CARRIED_COUNTS = (
    select(
        carried.c.report_id,
        func.count().label("articles"),
        func.count(article.c.outlet.distinct()).label("outlets"),
    )
    .join_from(carried, article, article.c.id == carried.c.article_id)
    .group_by(carried.c.report_id)
    .subquery()
)
_MERGE_TARGET = story.alias("heir")
_LEAD_ARTICLE = article.alias("lead")
_OTHER_SIGNATURE = signature.alias("other")


def _not_exists(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return not_(select(table).where(condition).exists())


# Each query finds the ids of the rows that break a rule.
_VIOLATION_QUERIES: dict[str, Select[int] | CompoundSelect[int]] = {
    "articles without their current version": select(article.c.id).where(
        _not_exists(
            version,
            and_(version.c.id == article.c.version_id, version.c.article_id == article.c.id),
        )
    ),
    "articles that are not searched in their current version": select(article.c.id).where(
        _not_exists(
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
        is_article(),
        not_(is_unplaced()),
        _not_exists(signature, signature.c.article_id == article.c.id),
    ),
    "stubs with a signature": select(article.c.id)
    .join_from(article, signature, signature.c.article_id == article.c.id)
    .where(not_(is_article())),
    "articles in no living story": select(article.c.id).where(
        _not_exists(story, and_(story.c.id == article.c.story_id, is_unmerged_story())),
        not_(
            and_(
                is_unplaced(),
                is_article(),
                _not_exists(signature, signature.c.article_id == article.c.id),
            )
        ),
    ),
    "living stories whose lead is none of their members": select(story.c.id)
    .outerjoin_from(story, _LEAD_ARTICLE, _LEAD_ARTICLE.c.id == story.c.lead_id)
    .where(
        is_unmerged_story(),
        or_(_LEAD_ARTICLE.c.id.is_(None), _LEAD_ARTICLE.c.story_id != story.c.id),
    ),
    "stories with wrong figures": select(story.c.id).where(
        or_(*(story.c[name].is_distinct_from(figure) for name, figure in FIGURES.items()))
    ),
    "redirects that take more than one hop": select(story.c.id)
    .join_from(story, _MERGE_TARGET, _MERGE_TARGET.c.id == story.c.merged_into)
    .where(_MERGE_TARGET.c.merged_into.is_not(None)),
    "relations not in order": select(relation.c.a).where(relation.c.a >= relation.c.b),
    "relations of articles without a signature": select(relation.c.a)
    .outerjoin_from(relation, signature, signature.c.article_id == relation.c.a)
    .outerjoin(_OTHER_SIGNATURE, _OTHER_SIGNATURE.c.article_id == relation.c.b)
    .where(or_(signature.c.article_id.is_(None), _OTHER_SIGNATURE.c.article_id.is_(None))),
    "carriers without a story of carriers": select(carrier.c.article_id)
    .join_from(carrier, article, article.c.id == carrier.c.article_id)
    .where(_not_exists(carrying_story, carrying_story.c.story_id == article.c.story_id)),
    "stories of carriers whose article is no carrier of theirs": select(carrying_story.c.story_id)
    .outerjoin_from(carrying_story, carrier, carrier.c.article_id == carrying_story.c.article_id)
    .outerjoin(article, article.c.id == carrying_story.c.article_id)
    .where(or_(carrier.c.article_id.is_(None), article.c.story_id != carrying_story.c.story_id)),
    "stories of carriers in no report and with no day to work out": select(
        carrying_story.c.story_id
    ).where(
        carrying_story.c.report_id.is_(None),
        _not_exists(touched_day, touched_day.c.day == carrying_story.c.day),
    ),
    "reports without stories, or stories without their report": select(report.c.id)
    .outerjoin_from(report, carrying_story, carrying_story.c.report_id == report.c.id)
    .where(carrying_story.c.story_id.is_(None), _not_exists(touched_day, true()))
    .union_all(
        select(carrying_story.c.story_id).where(
            carrying_story.c.report_id > 0,
            _not_exists(report, report.c.id == carrying_story.c.report_id),
        )
    ),
    "reports whose lead document does not carry them": select(report.c.id).where(
        _not_exists(
            carried,
            and_(carried.c.article_id == report.c.lead_id, carried.c.report_id == report.c.id),
        )
    ),
    "reports with a wrong number of articles or outlets": select(report.c.id)
    .outerjoin_from(report, _CARRIED_COUNTS, _CARRIED_COUNTS.c.report_id == report.c.id)
    .where(
        or_(
            _CARRIED_COUNTS.c.report_id.is_(None),
            report.c.articles != _CARRIED_COUNTS.c.articles,
            report.c.outlets != _CARRIED_COUNTS.c.outlets,
        )
    ),
    "articles that carry no report that is kept": select(carried.c.article_id).where(
        _not_exists(report, report.c.id == carried.c.report_id)
    ),
    "articles that do not carry the report of their story": select(article.c.id)
    .outerjoin_from(article, carrying_story, carrying_story.c.story_id == article.c.story_id)
    .outerjoin(carried, carried.c.article_id == article.c.id)
    .where(
        func.coalesce(carried.c.report_id, -1)
        != case((carrying_story.c.report_id > 0, carrying_story.c.report_id), else_=-1),
        _not_exists(touched_day, true()),
    ),
    "numbers of reports that are in use and given up": select(report_redirect.c.id).where(
        report_redirect.c.id.in_(select(report.c.id))
    ),
    "numbers of reports that lead to no report": select(report_redirect.c.id).where(
        report_redirect.c.report_id.is_not(None),
        _not_exists(report, report.c.id == report_redirect.c.report_id),
    ),
    "captures that show a version of another article": select(capture.c.id)
    .join_from(capture, version, version.c.id == capture.c.version_id)
    .where(version.c.article_id != capture.c.article_id),
}


def check_invariants(database: Corpus, acknowledged: Iterable[int] = ()) -> list[str]:
    """Returns one line for each broken rule; an empty list if the database is sound.

    `acknowledged`: ids of articles that were reported as stored; each of them must exist.
    Reads the whole database. Raises StorageError.
    """
    with database.snapshot() as connection:
        violations = [
            *iter_file_problems(connection),
            *_iter_rule_violations(connection),
            *_iter_version_violations(connection),
        ]
        violations += _iter_posting_violations(connection, database.scheme.name)
        violations += _iter_missing_articles(connection, acknowledged)
        violations += [f"wrong totals of {each}" for each in find_wrong_totals(connection)]
    return violations


def _iter_rule_violations(connection: Connection) -> Iterator[str]:
    for rule, query in _VIOLATION_QUERIES.items():
        ids = list(connection.scalars(query))
        if ids:
            yield _format_violation(rule, ids)


def _iter_version_violations(connection: Connection) -> Iterator[str]:
    """Yields a line if articles have another current version than their captures imply."""
    article_ids = edited_article_ids()
    query = select(article.c.id, article.c.version_id).where(article.c.id.in_(article_ids))
    versions: defaultdict[int, list[HeldVersion]] = defaultdict(list)
    for row in connection.execute(
        select(
            version.c.article_id,
            version.c.id,
            version.c.content_sha256,
            version.c.details,
            version.c.captured_at,
            version.c.page_class,
        ).where(version.c.article_id.in_(article_ids))
    ):
        versions[row[0]].append(HeldVersion(*row[1:]))
    captures: defaultdict[int, list[VersionCapture]] = defaultdict(list)
    for article_id, fetched_at, version_id in connection.execute(
        select(capture.c.article_id, capture.c.fetched_at, capture.c.version_id).where(
            capture.c.article_id.in_(article_ids)
        )
    ):
        captures[article_id].append(VersionCapture(fetched_at, version_id))
    wrong_ids = [
        article_id
        for article_id, version_id in connection.execute(query)
        if build_history(versions[article_id], captures[article_id]).current_version_id()
        != version_id
    ]
    if wrong_ids:
        yield _format_violation("articles whose current version is not the latest", wrong_ids)


def _iter_posting_violations(connection: Connection, scheme: str) -> Iterator[str]:
    """Yields a line for each inverted index whose rows differ from the keys of the signatures."""
    foreign_ids = list(
        connection.scalars(select(signature.c.article_id).where(signature.c.scheme != scheme))
    )
    if foreign_ids:
        yield _format_violation("signatures of another scheme", foreign_ids)
    unposted_ids = set(connection.scalars(select(unposted.c.article_id)))
    for table, column in ((band, signature.c.bands), (fingerprint, signature.c.fingerprints)):
        lacking_ids, expected_count = [], 0
        for row in connection.execute(select(signature.c.article_id, column.label("keys"))).all():
            keys = np.unique(unpack_keys(row.keys)).tolist()
            query = select(func.count()).where(
                in_bound_list(table.c.hash, "keys"), table.c.article_id == row.article_id
            )
            stored_count = connection.scalar(query, {"keys": keys}) or 0
            expected_count += stored_count
            if stored_count != len(keys) and row.article_id not in unposted_ids:
                lacking_ids.append(row.article_id)
        if lacking_ids:
            yield _format_violation(f"articles that lack rows in {table.name}", lacking_ids)
        elif connection.scalar(select(func.count()).select_from(table)) != expected_count:
            yield f"{table.name} holds rows of no signature"


def _iter_missing_articles(connection: Connection, acknowledged: Iterable[int]) -> Iterator[str]:
    acknowledged_ids = set(acknowledged)
    missing_ids = sorted(acknowledged_ids - set(connection.scalars(select(article.c.id))))
    if missing_ids:
        yield _format_violation("articles reported stored and missing", missing_ids)


def _format_violation(description: str, ids: list[int]) -> str:
    first_ids = ", ".join(str(each) for each in ids[:_MAX_IDS_SHOWN])
    return f"{len(ids)} {description}: {first_ids}{' ...' if len(ids) > _MAX_IDS_SHOWN else ''}"
