"""The hot queries must be answered from indexes: a plan that reads a table whole is a slow leak."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Connection, select

from storage import Database
from storage.dialects import lock_placement
from storage.index import dedup_queries as lookups
from storage.saving import batch_writer as save
from storage.tables.articles import metadata, story
from tests.storage.explain import Explain

KEYS: dict[str, Any] = {
    "me": 1,
    "hot_key": 200,
    "hot_sample": 3,
    "least": 2,
    "bands": [1, 2],
    "fingerprints": [3, 4],
    "ids": [1, 2],
    "text_hash": b"x" * 16,
    "prints": 8,
}
IDS: dict[str, Any] = {"ids": [1, 2]}
HOT: dict[str, tuple[ClauseElement, Mapping[str, Any]]] = {
    "identity": (save.ARTICLE_QUERY, {"of": "kcna", "who": "0" * 64}),
    "versions": (save.VERSIONS_QUERY, {"me": 1}),
    "captures": (save.CAPTURES_QUERY, {"me": 1}),
    "holders": (lookups.CANDIDATES_QUERY, KEYS),
    "text hashes": (lookups.CANDIDATE_HASHES_QUERY, KEYS),
    "unposted": (lookups.PENDING_KEYS_QUERY, {"after": 5, **IDS}),
    "documents": (lookups.SIGNED_DOCUMENTS_QUERY, IDS),
    "members": (lookups.MEMBERS_QUERY, IDS),
    "relations": (lookups.RELATIONS_QUERY, IDS),
    "decisions": (lookups.DECISIONS_QUERY, IDS),
    "stories of articles": (lookups.STORIES_QUERY, IDS),
    "sizes of stories": (lookups.STORY_SIZES_QUERY, IDS),
    "redirects": (select(story.c.id).where(lookups.IS_STORY_OR_REDIRECT), {"me": 1}),
    "unpost": (lookups.DELETE_POSTINGS["band"], {"me": 1, "hashes": [1, 2]}),
    "unrelate": (lookups.DELETE_RELATIONS[1], {"me": 1}),
    "unattribute": (lookups.DELETE_ATTRIBUTIONS, {"me": 1}),
}


def tables_read_whole(lines: Sequence[str]) -> set[str]:
    """The tables of ours that a plan reads from one end to the other."""
    found = {line.split()[1] for line in lines if line.startswith("SCAN ")}
    found |= {line.split("Seq Scan on ")[1].split()[0] for line in lines if "Seq Scan on " in line}
    return found & set(metadata.tables)


@pytest.mark.parametrize("name", HOT)
def test_a_hot_query_reads_no_table_whole(name: str, database: Database) -> None:
    statement, values = HOT[name]

    def work(connection: Connection) -> list[str]:
        lock_placement(connection)
        rows = connection.execute(Explain(statement), values).all()
        return [str(row[-1]) for row in rows]

    lines = database.write(work)
    assert any("SEARCH" in line or "Index" in line for line in lines), lines
    assert tables_read_whole(lines) == set(), lines
