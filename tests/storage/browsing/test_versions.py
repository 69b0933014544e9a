from dataclasses import replace
from datetime import timedelta

import pytest

from dedup.changes.records import ChangeKind
from storage import Database
from storage.browsing.versions import classify_versions, load_version, load_version_heads
from storage.errors import NotFound
from storage.records import Capture, Dateline, PageClass, TimePrecision
from tests.storage.conftest import NOON, MakeArticle


def test_versions_come_with_all_fields_and_lists_without_texts(
    database: Database, make: MakeArticle
) -> None:
    imported = replace(make(1), text="Twelve panes were made.", first_seen_at=NOON)
    capture = Capture(imported.url, NOON + timedelta(hours=2), 200)
    second = replace(
        imported,
        text="Fourteen panes were made.",
        lead="A lead.",
        authors=("Ann Reporter",),
        tags=("glass",),
        captions=("The hall",),
        dateline=Dateline(place="SONGRIM"),
        published_at=NOON.replace(hour=0),
        published_precision=TimePrecision.DAY,
        evidence={"title": "h1"},
        capture=capture,
    )
    third = replace(
        second, title="Another", capture=replace(capture, fetched_at=NOON + timedelta(days=1))
    )
    for each in (imported, second, third):
        database.save([each])

    heads = load_version_heads(database, 1)
    assert [each.captured_at is None for each in heads] == [True, False, False]
    assert [each.current for each in heads] == [False, False, True]
    assert [each.length for each in heads] == [
        len(imported.text),
        len(second.text),
        len(third.text),
    ]

    version = load_version(database, heads[1].id)
    assert (version.text, version.lead, version.authors) == (second.text, "A lead.", second.authors)
    assert (version.tags, version.captions, version.dateline) == (
        second.tags, second.captions, second.dateline,
    )  # fmt: skip
    assert (str(version.published), version.page_class) == ("2026-07-19", PageClass.ARTICLE)
    assert version.evidence == {"title": "h1"}
    assert version.seen_at == capture.fetched_at

    change = classify_versions(database, heads[0].id, heads[2].id)
    assert change is not None
    assert ChangeKind.HEADLINE in change.kinds
    assert classify_versions(database, heads[1].id, heads[1].id) is None
    with pytest.raises(NotFound, match="no version has the id 99"):
        load_version(database, 99)
    with pytest.raises(NotFound, match="no version has the id 99"):
        classify_versions(database, heads[0].id, 99)
    assert load_version_heads(database, 99) == ()
