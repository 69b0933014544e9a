import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas
import pytest

from dedup.records import DecisionVerb
from storage import Database
from storage.errors import CannotWrite, InvalidRequest
from storage.records import Article, Capture, RunOutcome
from storage.snapshots.check import NotASnapshot, diff_snapshots, verify_snapshot
from storage.snapshots.create import SnapshotRequest, create_snapshot
from storage.tables.runs import run

BODY = " ".join(
    f"Sentence {n} tells of the opening of factory {n * 7} in province {n}." for n in range(30)
)
REQUEST = SnapshotRequest(
    name="paper", title='Title: "quoted", 제목', authors=("A. Scholar", "O'Neil & Co_")
)


@pytest.fixture
def filled(corpus: Database, make_article: Callable[..., Article]) -> Database:
    corpus.outlets.declare_ranks({"kcna": 0})
    corpus.save(
        [
            make_article(0, text=BODY),
            make_article(1, outlet="tass", text=BODY),
            make_article(2, outlet="yonhap", text="=1+1 short", rights="none"),
        ]
    )
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with corpus.engine.begin() as connection:
        for hour, outcome in (
            (0, "ok"),
            (1, "ok"),
            (2, "unreachable"),
            (3, "unreachable"),
            (4, "ok"),
        ):
            begun = at + timedelta(hours=hour)
            values = {"outlet": "kcna", "kind": "crawl", "host": "h", "pid": 1, "started_at": begun}
            values |= {"ended_at": begun, "outcome": RunOutcome(outcome), "cause": "timeout"}
            connection.execute(run.insert(), values)
    return corpus


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.open(folder / f"data/{name}.jsonl.gz")]


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_the_same_database_and_request_give_the_same_bytes(
    filled: Database, tmp_path: Path, format: Any
) -> None:
    request = replace(REQUEST, format=format)
    made = [create_snapshot(filled, tmp_path / name, request) for name in ("one", "two")]
    assert made[0] == made[1]
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert verify_snapshot(tmp_path / "one") == []


def test_a_snapshot_has_data_manifest_papers_and_dictionary(
    filled: Database, tmp_path: Path
) -> None:
    made = create_snapshot(filled, tmp_path / "one", REQUEST)
    manifest = json.loads((tmp_path / "one/MANIFEST.json").read_text())
    assert manifest["counts"] == {
        "articles": 3,
        "stories": 2,
        "relations": 1,
        "outlets": 3,
        "versions": 0,
        "changes": 0,
        "states": 0,
        "decisions": 0,
        "moves": 0,
        "report_moves": 0,
        "gaps": manifest["counts"]["gaps"],
    }
    assert "seed" not in manifest["dedup"]
    assert manifest["id"] == made.id
    assert {f["path"] for f in manifest["files"]} | {"MANIFEST.json"} == set(
        files(tmp_path / "one")
    )
    assert [row["text"] != "" for row in rows(tmp_path / "one", "articles")] == [True, True, False]
    gaps = pandas.read_csv(tmp_path / "one/data/gaps.csv")
    assert {"unreachable"} <= set(gaps.why)
    assert "content_sha256" in (tmp_path / "one/DICTIONARY.md").read_text()


def test_the_citation_quotes_what_would_end_a_line(filled: Database, tmp_path: Path) -> None:
    create_snapshot(filled, tmp_path / "one", REQUEST)
    cited = (tmp_path / "one/CITATION.cff").read_text().splitlines()
    values = dict(line.strip(" -").split(": ", 1) for line in cited if ": " in line)
    # A string of JSON is one of YAML too.
    assert json.loads(values["title"]) == REQUEST.title
    assert json.loads(values["name"]) == REQUEST.authors[1]
    assert values["cff-version"] == "1.2.0"


def test_the_citation_is_yaml_with_all_that_the_format_demands(
    filled: Database, tmp_path: Path
) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: extra test-readers")
    made = create_snapshot(filled, tmp_path / "one", REQUEST)
    cited = yaml.safe_load((tmp_path / "one/CITATION.cff").read_text())
    assert cited.keys() >= {"cff-version", "message", "title", "authors", "type"}
    assert (cited["cff-version"], cited["type"], cited["title"]) == (
        "1.2.0",
        "dataset",
        REQUEST.title,
    )
    assert cited["authors"] == [{"name": name} for name in REQUEST.authors]
    assert cited["identifiers"][0]["value"] == f"sha256:{made.id}"
    manifest = json.loads((tmp_path / "one/MANIFEST.json").read_text())
    assert manifest["as_of"].startswith(cited["date-released"].isoformat())


def test_every_entity_of_the_crate_is_typed_and_every_reference_leads_to_one(
    filled: Database, tmp_path: Path
) -> None:
    create_snapshot(filled, tmp_path / "one", REQUEST)
    crate = json.loads((tmp_path / "one/ro-crate-metadata.json").read_text())
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])
    assert all(entity["@type"] for entity in entities.values())
    described = entities["ro-crate-metadata.json"]
    assert described["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities[described["about"]["@id"]]
    assert root.keys() >= {"name", "description", "datePublished", "license"}
    named = [*root["author"], *root["hasPart"], root["license"]]
    assert {each["@id"] for each in named} <= entities.keys()


def test_one_author_is_no_list_in_the_crate(filled: Database, tmp_path: Path) -> None:
    create_snapshot(filled, tmp_path / "one", replace(REQUEST, authors=("Ada Kim",)))
    graph = json.loads((tmp_path / "one/ro-crate-metadata.json").read_text())["@graph"]
    assert next(e for e in graph if e["@id"] == "./")["author"] == {"@id": "#author-0"}


def test_bibtex_escapes_what_tex_would_run(filled: Database, tmp_path: Path) -> None:
    create_snapshot(filled, tmp_path / "one", REQUEST)
    entry = (tmp_path / "one/citation.bib").read_text()
    assert r"O'Neil \& Co\_" in entry
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")


def test_the_crate_names_every_file_but_the_manifest(filled: Database, tmp_path: Path) -> None:
    create_snapshot(filled, tmp_path / "one", REQUEST)
    graph = json.loads((tmp_path / "one/ro-crate-metadata.json").read_text())["@graph"]
    parts = {part["@id"] for part in next(e for e in graph if e["@id"] == "./")["hasPart"]}
    described = {"MANIFEST.json", "ro-crate-metadata.json"}
    assert parts | described == set(files(tmp_path / "one"))
    assert parts <= {entity["@id"] for entity in graph}


def test_filters_and_text_are_part_of_the_request(filled: Database, tmp_path: Path) -> None:
    request = replace(REQUEST, text="none", filters={"outlet": "tass", "words": "factory"})
    create_snapshot(filled, tmp_path / "one", request)
    manifest = json.loads((tmp_path / "one/MANIFEST.json").read_text())
    assert manifest["request"]["filters"] == {"outlet": "tass", "words": "factory"}
    found = rows(tmp_path / "one", "articles")
    assert [(row["outlet"], row["text"]) for row in found] == [("tass", "")]
    assert found[0]["sketch"]


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda f: (f / "data/gaps.csv").unlink(), "data/gaps.csv: missing"),
        (lambda f: (f / "README.md").write_text("x"), "README.md: 1 byte instead of"),
        (lambda f: _flip(f / "data/articles.jsonl.gz"), "data/articles.jsonl.gz: changed"),
        (lambda f: (f / "extra").touch(), "extra: not in the manifest"),
    ],
    ids=["missing", "shorter", "one-bit", "added"],
)
def test_verify_finds_what_is_not_as_it_was(
    filled: Database, tmp_path: Path, harm: Callable[[Path], Any], says: str
) -> None:
    create_snapshot(filled, tmp_path / "one", REQUEST)
    harm(tmp_path / "one")
    problems = verify_snapshot(tmp_path / "one")
    assert len(problems) == 1
    assert problems[0].startswith(says)


def test_what_is_no_snapshot_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotASnapshot, match="is no snapshot"):
        verify_snapshot(tmp_path / "none")
    (tmp_path / "MANIFEST.json").write_text('{"layout": 1, "files": [{}]}')
    with pytest.raises(NotASnapshot, match="damaged"):
        verify_snapshot(tmp_path)


def test_diff_tells_added_removed_edited_and_moved(
    filled: Database,
    tmp_path: Path,
    make_article: Callable[..., Article],
    captured: Callable[..., Capture],
) -> None:
    create_snapshot(filled, tmp_path / "old", replace(REQUEST, filters={"language": "en"}))
    edited = make_article(2, outlet="yonhap", text="another text", capture=captured(90))
    filled.save([edited, make_article(3, outlet="tass", text="new here")])
    create_snapshot(filled, tmp_path / "new", replace(REQUEST, format="parquet"))
    found = diff_snapshots(tmp_path / "old", tmp_path / "new")
    assert found.counts == {"same": 2, "edited": 1, "added": 1}
    assert found.examples["added"] == ["https://example.org/3"]
    assert "request" in found.settings
    assert diff_snapshots(tmp_path / "new", tmp_path / "old").counts == {
        "same": 2,
        "edited": 1,
        "removed": 1,
    }


def test_diff_tells_what_became_of_stories_and_who_decided_it(
    corpus: Database, tmp_path: Path, make_article: Callable[..., Article]
) -> None:
    text = " ".join(f"word{n}" for n in range(90))
    corpus.save([make_article(n, outlet=f"outlet {n}", text=text) for n in range(3)])
    corpus.save([make_article(n, outlet="alone", text=f"{n} " * 60) for n in (7, 8)])
    alone, other = (corpus.articles.get(number).story_id for number in (4, 5))
    create_snapshot(corpus, tmp_path / "old", REQUEST)
    corpus.decisions.split(1, [2, 3])
    corpus.decisions.add(4, 5, DecisionVerb.MUST_LINK)
    left = corpus.articles.get(1).story_id
    create_snapshot(corpus, tmp_path / "new", replace(REQUEST, format="parquet"))

    found = diff_snapshots(tmp_path / "old", tmp_path / "new")
    assert found.stories.counts == {"split": 1, "merged": 1, "other lead": 1}
    assert found.stories.examples == {
        "split": [f"s1: 1 of its articles are in s{left}"],
        "merged": [f"s{other} is part of s{alone}"],
        "other lead": ["s1"],
    }
    assert found.decisions.counts == {"made": 3}
    urls = "https://example.org/7 https://example.org/8"
    assert f"must-link: {urls}" in found.decisions.examples["made"]
    back = diff_snapshots(tmp_path / "new", tmp_path / "old")
    assert back.decisions.counts == {"taken back": 3}
    assert back.stories.counts["merged"] == 1
    narrow = replace(REQUEST, filters={"outlet": "nobody"})
    create_snapshot(corpus, tmp_path / "narrow", narrow)
    filtered = diff_snapshots(tmp_path / "new", tmp_path / "narrow")
    assert (filtered.other_filters, filtered.decisions.counts) == (("outlet",), {})


@pytest.mark.parametrize("table", ["articles", "stories", "decisions"])
@pytest.mark.parametrize("line", ["5", "[]", '{"foo": 1}', '{"story": [1], "a": [1]}'])
def test_diff_names_the_table_with_a_row_of_another_form(
    table: str, line: str, filled: Database, tmp_path: Path
) -> None:
    create_snapshot(filled, tmp_path / "old", REQUEST)
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    with gzip.open(tmp_path / f"new/data/{table}.jsonl.gz", "wt") as file:
        file.write(line + "\n")
    with pytest.raises(NotASnapshot, match=f"data/{table} has a row of another form"):
        diff_snapshots(tmp_path / "old", tmp_path / "new")


def test_diff_reads_a_snapshot_that_has_no_decisions_yet(filled: Database, tmp_path: Path) -> None:
    create_snapshot(filled, tmp_path / "old", REQUEST)
    (tmp_path / "old/data/decisions.jsonl.gz").unlink()
    create_snapshot(filled, tmp_path / "new", REQUEST)
    found = diff_snapshots(tmp_path / "old", tmp_path / "new")
    assert (found.stories.counts, found.decisions.counts) == ({}, {})


def test_nothing_is_left_of_a_snapshot_that_failed(filled: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot name"):
        create_snapshot(filled, tmp_path / "one", replace(REQUEST, name="../x"))
    create_snapshot(filled, tmp_path / "one", REQUEST)
    before = files(tmp_path / "one")
    with pytest.raises(CannotWrite, match="exists already"):
        create_snapshot(filled, tmp_path / "one", REQUEST)
    assert files(tmp_path / "one") == before
    assert not list(tmp_path.glob(".*"))


def test_an_empty_database_cannot_be_cited(corpus: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="empty"):
        create_snapshot(corpus, tmp_path / "one", REQUEST)
    assert not (tmp_path / "one").exists()


def test_a_moved_copy_verifies(filled: Database, tmp_path: Path) -> None:
    create_snapshot(filled, tmp_path / "one", REQUEST)
    shutil.move(tmp_path / "one", tmp_path / "two")
    assert verify_snapshot(tmp_path / "two") == []


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
