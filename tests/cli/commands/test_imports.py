import csv
import gzip
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from storage import Database


def test_importing_twice_adds_nothing(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    file = write("articles.jsonl", *articles)
    first, second = nkwire("import", file, "--json"), nkwire("import", file, "--json")
    assert (first.code, first.json) == (
        0,
        {
            "new": 3,
            "edited": 0,
            "unchanged": 0,
            "rejected": 0,
            "causes": {},
            "dates_left_out": 0,
            "shared_addresses": 0,
            "not_placed": 0,
        },
    )
    assert (second.code, second.json["new"], second.json["unchanged"]) == (0, 0, 3)


def test_articles_can_be_placed_later(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    told = "3 articles are not placed yet: run `nkwire recluster`"
    file = write("articles.jsonl", *articles)
    said = nkwire("import", "--later", file)
    assert (said.code, told in said.err) == (0, True)
    assert nkwire("import", "--later", file, "--json").json["not_placed"] == 3
    assert told in nkwire("status").err
    shown = nkwire("show", "1")
    assert "1 in no story yet: run `nkwire recluster`" in shown.out
    assert nkwire("show", "1", "--json").json["story_id"] is None
    assert "1 is in no story yet" in nkwire("explain", "1", "2").out
    split = nkwire("split", "1")
    assert (split.code, "1 is not placed yet" in split.err) == (2, True)
    assert nkwire("snapshot", "create", "early").code == 2
    assert nkwire("recluster").code == 0
    assert "not placed" not in nkwire("status").err
    assert nkwire("show", "1", "--json").json["story_id"] == 1


def test_another_text_for_a_url_is_an_edit(
    nkwire: Callable[..., Any], write: Callable[..., Path], corpus: list[dict[str, Any]]
) -> None:
    edited = corpus[0] | {"text": corpus[0]["text"].replace("12,000", "18,000")}
    assert nkwire("import", write("edited.jsonl", edited), "--json").json["edited"] == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param(b"not json", "2: not JSON", id="not JSON"),
        pytest.param(b'{"url": "https://a.example/1"}', "2: neither title nor text", id="no words"),
        pytest.param(b'["a", "list"]', "2: not an object", id="not an object"),
        pytest.param(b'{"title": "T", "text": "T"}', "2: no url", id="no url"),
        pytest.param(b"\x00\x00\x00", "2: not JSON", id="NUL bytes"),
        pytest.param(b'{"url": "https://a.example/\xff"}', "2: not UTF-8", id="not UTF-8"),
    ],
)
def test_a_bad_line_is_told_counted_and_passed_over(
    line: bytes,
    told: str,
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
) -> None:
    said = nkwire("import", write("mixed.jsonl", articles[0], line, articles[2]), "--json")
    assert said.code == 3
    assert (said.json["new"], said.json["rejected"]) == (2, 1)
    assert sum(said.json["causes"].values()) == 1
    assert said.err.count("\n") == 1
    assert f"mixed.jsonl:{told}" in said.err


def test_hostile_characters_in_texts_cost_nothing(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    hostile = articles[0] | {"title": "a\x00b\x1b[31m \ud800 c", "text": "\u202e" + TEXT_BREAKS}
    assert nkwire("import", write("hostile.jsonl", hostile)).code == 0
    shown = nkwire("show", "1")
    assert shown.code == 0
    assert not set("\x00\x1b\u202e") & set(shown.out)


TEXT_BREAKS = "A text with a line break\r\nand some more words, \u2028 which nobody will read.\x00"


def test_a_folder_is_imported_and_damage_told(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    (an_empty_folder / "many").mkdir()
    write("many/a.jsonl", articles[0])
    whole = gzip.compress(b"".join(json.dumps(each).encode() + b"\n" for each in articles))
    (an_empty_folder / "many" / "b.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    said = nkwire("import", "many", "--json")
    assert said.code == 3
    assert said.json["new"] >= 1
    assert "the file is damaged from here on" in said.err


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."], ids=["missing", "folder without any"])
def test_nothing_to_import_is_the_users_error(nkwire: Callable[..., Any], name: str) -> None:
    said = nkwire("import", name)
    assert said.code == 2
    assert said.err.count("\n") == 1


def test_all_articles_come_out_with_their_own_ids(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    rows = nkwire("export", "-", "--all").rows
    assert [row["external_id"] for row in rows] == ["first", "second", "third"]
    assert rows[0]["story"] == rows[1]["story"] != rows[2]["story"]
    assert [row["text"] for row in rows] == [each["text"] for each in corpus]


def test_collapsed_a_story_comes_out_once(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    said = nkwire("export", "stories.jsonl.gz", "--collapse")
    assert "2 stories in stories.jsonl.gz" in said.err
    lines = gzip.decompress((an_empty_folder / "stories.jsonl.gz").read_bytes()).splitlines()
    stories = [json.loads(line) for line in lines]
    assert [sorted(story["external_ids"]) for story in stories] == [["first", "second"], ["third"]]
    assert stories[0]["outlets"] == ["agency", "herald"]


def test_an_export_is_filtered_and_may_go_without_texts(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    nkwire("export", "some.csv", "--since", "2026-03-01", "--until", "2026-03-01", "--text", "none")
    with (an_empty_folder / "some.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["external_id"] for row in rows] == ["first", "second"]
    assert {row["text"] for row in rows} == {""}
    assert nkwire("export", "-", "--outlet", "agency").out.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "-", "--since", "yesterday"),
        ("export", "-", "--since", "2026-03-02", "--until", "2026-03-01"),
        ("export", "-", "--format", "xls"),
        ("export", "no/such/folder/out.jsonl"),
        ("export", "-", "--story", "99"),
    ],
    ids=["no day", "days in the wrong order", "unknown format", "no folder", "no such story"],
)
def test_an_export_that_cannot_be_is_refused_in_one_line(
    arguments: tuple[str, ...], nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    said = nkwire(*arguments)
    assert said.code == 2
    assert said.err.startswith("nkwire: ")
    assert said.err.count("\n") == 1


def test_a_pipe_is_written_to_and_not_replaced(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]], an_empty_folder: Path
) -> None:
    pipe = an_empty_folder / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        assert nkwire("export", pipe).code == 0
        assert read.result(timeout=60).count(b"\n") == len(corpus)
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["corpus.jsonl.gz", "corpus.csv", "corpus.parquet"])
def test_an_export_in_an_empty_database_keeps_its_numbers_and_decisions(
    nkwire: Callable[..., Any],
    corpus: list[dict[str, Any]],
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv("NKWIRE_DEDUP_SEED", "5")
    assert nkwire("merge", "first", "third").code == 0
    story = nkwire("show", "first", "--json").json["story_id"]
    assert nkwire("split", "first").code == 0
    for folder, database in (("one", ()), ("two", ("--database", "sqlite:///copy.db"))):
        (an_empty_folder / folder).mkdir()
        if database:
            assert nkwire("import", f"one/{name}", *database).code == 0
        assert nkwire("export", f"{folder}/{name}", *database).code == 0
    first, second = (sorted((an_empty_folder / each).iterdir()) for each in ("one", "two"))
    assert [path.name for path in second] == [path.name for path in first]
    assert [path.read_bytes() for path in second] == [path.read_bytes() for path in first]
    shown, expected = (nkwire("show", f"s{story}", "--json", *each).json for each in ((), database))
    assert shown["departures"] == expected["departures"] != []


def test_a_partitioned_export_keeps_outlets_numbers_and_decisions(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    nkwire("split", "first")
    assert nkwire("export", "parts", "--format", "parquet", "--partition").code == 0
    said = nkwire("import", "parts", "--database", "sqlite:///copy.db", "--json")
    assert (said.code, said.json["new"], said.json["rejected"]) == (0, 3, 0)
    wanted, found = (
        {row["id"]: (row["outlet"], row["story"]) for row in nkwire("export", "-", *each).rows}
        for each in ((), ("--database", "sqlite:///copy.db"))
    )
    assert found == wanted


def test_dates_that_are_not_understood_are_counted_with_an_example(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    dates = ("03/04/2026", "one fine day", "2026/03/03 09:00")
    rows = [each | {"published_at": at} for each, at in zip(articles, dates, strict=True)]
    rows.append(articles[0] | {"url": "https://a.example/ahead", "published_at": "2090-01-01"})
    said = nkwire("import", write("dates.jsonl", *rows), "--json")
    assert (said.code, said.json["new"], said.json["dates_left_out"]) == (3, 4, 3)
    unread, ahead = said.err.splitlines()
    assert unread.endswith("dates.jsonl: 2 dates not understood, for example '03/04/2026'")
    assert ahead.endswith("dates.jsonl: 1 date in the future, for example 2090-01-01")
    listed = nkwire("export", "-", "--format", "jsonl").rows
    assert sorted(row["published_raw"] for row in listed if not row["published_at"]) == [
        "03/04/2026",
        "2090-01-01T00:00:00+00:00",
        "one fine day",
    ]


def test_what_no_reader_sees_hides_no_word_and_no_copy(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    clean, _, _ = articles
    hidden = clean | {
        "id": "hidden",
        "url": "https://scraped.example/1",
        "outlet": "scraped",
        "title": "New K\xadiln Put into Oper\u200bation",
        "text": "\ufeff" + clean["text"].replace("e", "e\u2060"),
        "authors": ["Ri\x92s \u200edesk"],
    }
    assert nkwire("import", write("texts.jsonl", clean, hidden)).code == 0
    first, second = nkwire("export", "-", "--format", "jsonl").rows
    assert (first["title"], first["text"]) == (second["title"], second["text"])
    assert first["story"] == second["story"]
    assert second["authors"] == ["Ri’s desk"]
    assert len(nkwire("search", "kiln operation", "--json").json) == 2


def test_an_import_that_is_stopped_says_what_is_stored_and_goes_on_later(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = write("a.jsonl", *articles)
    save, batches = Database.save, count()

    def save_and_stop(database: Database, *arguments: Any, **options: Any) -> Any:
        receipts = save(database, *arguments, **options)
        if next(batches) == 1:
            raise KeyboardInterrupt
        return receipts

    monkeypatch.setattr("cli.commands.imports.BATCH", 1)
    monkeypatch.setattr(Database, "save", save_and_stop)
    said = nkwire("import", file)
    assert said.code == 130
    assert "1 stored; run it again to go on\n" in said.err
    again = nkwire("import", file, "--json").json
    assert (again["new"], again["unchanged"]) == (1, 2)
