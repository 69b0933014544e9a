"""Each article has the statement level of its current version, by which it can be selected."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup.statements.statement_level import StatementLevel
from storage import Database
from storage.errors import InvalidRequest
from storage.export.export import export
from storage.importers.files import read_articles
from storage.records import Article, PageClass

Make = Callable[..., Article]

SPEECH = "Pyongyang, July 19 (KCNA) -- A spokesperson for the Foreign Ministry of the DPRK issued"
SPOKESPERSON, OFFICIAL = StatementLevel.SPOKESPERSON, StatementLevel.OFFICIAL


@pytest.fixture
def filled(database: Database, make: Make) -> Database:
    text = make(1).text
    statement = {"title": "Press Statement of Spokesperson for DPRK Foreign Ministry"}
    database.save(
        [
            make(1, at=1, text=f"{SPEECH} the following press statement:\n{text}", **statement),
            make(
                2, at=2, text="", lead="Kim Yo Jong issued a statement.", page_class=PageClass.STUB
            ),
            make(3, at=3, outlet="daily", text=f"{SPEECH} the following press statement:\n{text}"),
            make(4, at=4),
        ]
    )
    return database


def exported(database: Database, **options: Any) -> list[dict[str, Any]]:
    out = io.BytesIO()
    export(database, out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_article_has_the_level_of_its_current_version(filled: Database, make: Make) -> None:
    levels = [row.statement_level for row in filled.articles.iter()]
    assert levels == [SPOKESPERSON, OFFICIAL, SPOKESPERSON, StatementLevel.UNKNOWN]
    filled.save(
        [make(1, at=5, title="Lamp opened"), make(4, at=5, title="KCNA Commentary on Lamps")]
    )
    levels = [row.statement_level for row in filled.articles.iter()]
    assert levels == [
        StatementLevel.UNKNOWN,
        OFFICIAL,
        SPOKESPERSON,
        StatementLevel.COMMENTARY,
    ]


def test_articles_stories_and_hits_can_be_selected_by_level(filled: Database) -> None:
    both = ("official", "spokesperson")
    assert [row.id for row in filled.articles.iter(statement_level=both)] == [1, 2, 3]
    assert filled.articles.count(statement_level=["official"]) == 1
    assert [story.lead.id for story in filled.stories.iter(statement_level=[SPOKESPERSON])] == [1]
    assert [hit.id for hit in filled.search("statement", statement_level=["official"])] == [2]
    assert filled.search("statement", statement_level=["government"]) == []


def test_an_export_has_the_level_and_the_filter(filled: Database) -> None:
    rows = exported(filled, statement_level=("spokesperson",))
    assert [(row["id"], row["statement_level"]) for row in rows] == [
        (1, "spokesperson"),
        (3, "spokesperson"),
    ]
    stories = exported(filled, collapse=True)
    assert [row["statement_level"] for row in stories] == ["spokesperson", "official", "unknown"]
    with pytest.raises(InvalidRequest, match="no such statement level"):
        exported(filled, statement_level=("royal",))


def test_an_unknown_filter_is_refused(filled: Database) -> None:
    with pytest.raises(InvalidRequest, match="no such filter: outlets; there are since, until"):
        exported(filled, outlets="herald")


def test_an_import_tells_the_levels_again(
    filled: Database, open_corpus: Callable[..., Database], tmp_path: Path
) -> None:
    rows = exported(filled)
    rows[3]["statement_level"] = "government"
    file = tmp_path / "corpus.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    copy = open_corpus(f"sqlite:///{tmp_path / 'copy.db'}")
    copy.save([row for row in read_articles(file) if isinstance(row, Article)])
    assert [row.statement_level for row in copy.articles.iter()] == [
        row.statement_level for row in filled.articles.iter()
    ]
