import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest


def test_a_file_is_clustered_without_a_database(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    file = write("corpus.jsonl", *articles)
    said = nkwire("cluster", file, "--groups", "g.json", "--relations", "r.jsonl", "--seed", "7")
    assert (said.code, said.out) == (0, "")
    assert "3 articles, 2 stories, 1 of two or more" in said.err
    assert json.loads((an_empty_folder / "g.json").read_text()) == [["first", "second"]]
    edges = [json.loads(line) for line in (an_empty_folder / "r.jsonl").read_text().splitlines()]
    assert {edges[0]["a"], edges[0]["b"]} == {"first", "second"}
    assert set(edges[0]) == {
        *("a", "b", "relation", "jaccard", "containment_ab", "containment_ba", "reason"),
        *("source", "spans"),
    }


def test_shared_passages_are_told_by_their_place_in_both_texts(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    first, second = dict(articles[0]), dict(articles[0])
    second |= {"id": "cut", "url": "https://example.org/cut"}
    second["text"] = "Before it came a sentence of their own. " + first["text"].rpartition(" ")[0]
    first["published_at"] = "2026-07-18T08:00:00+00:00"
    second["published_at"] = "2026-07-18T09:00:00+00:00"
    said = nkwire("cluster", write("c.jsonl", first, second), "--relations", "r.jsonl")
    assert said.code == 0
    [edge] = [json.loads(line) for line in (an_empty_folder / "r.jsonl").read_text().splitlines()]
    assert edge["source"] == first["id"]
    texts = {each["id"]: each["text"] for each in (first, second)}
    for a_start, a_end, b_start, b_end in edge["spans"]:
        shared = texts[edge["a"]][a_start:a_end]
        assert shared == texts[edge["b"]][b_start:b_end]
        assert len(shared) > 100
    assert edge["spans"]


def test_texts_are_compared_as_a_database_would_keep_them(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    tail = "\n\nⓒ The lantern office. " + "All rights are with the orchard and its saddle. " * 8
    first, second = dict(articles[0]), dict(articles[1])
    first["text"] += tail
    # What belongs to the outlet is told by how near it is to the end.
    padded = second | {"text": f"\0  \n{second['text']}{tail}{' ' * 600}\x07"}
    trimmed = second | {"text": (second["text"] + tail).strip()}
    found = []
    for other in (padded, trimmed):
        said = nkwire("cluster", write("c.jsonl", first, other), "--relations", "r.jsonl")
        assert said.code == 0
        found.append((an_empty_folder / "r.jsonl").read_text())
    assert found[0] == found[1] != ""


def test_a_date_that_cannot_be_is_none_as_in_a_database(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    words = [
        f"{number * 37 % 91} {word}" for number, word in enumerate(["harbour", "lantern"] * 60)
    ]
    first = articles[0] | {"text": " ".join(words), "published_at": "2026-07-18T08:00:00Z"}
    words[::12] = ["altered"] * 10
    late = articles[1] | {"text": " ".join(words), "published_at": "3000-01-01T00:00:00Z"}
    assert nkwire("cluster", write("c.jsonl", first, late), "--relations", "r.jsonl").code == 0
    [edge] = (an_empty_folder / "r.jsonl").read_text().splitlines()
    assert "apart" not in json.loads(edge)["reason"]


def test_without_an_output_the_stories_are_printed(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    assert nkwire("cluster", write("c.jsonl", *articles)).json == [["first", "second"]]


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_the_stories_do_not_depend_on_the_seed(
    seed: int,
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
) -> None:
    said = nkwire("cluster", write("c.jsonl", *articles), "--seed", seed)
    assert said.json == [["first", "second"]]


def test_reports_are_written_as_lists_of_ids(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    assert nkwire("cluster", write("c.jsonl", *articles), "--reports", "r.json").code == 0
    reports = json.loads((an_empty_folder / "r.json").read_text())
    assert all(isinstance(each, str) for report in reports for each in report)


def test_lines_that_are_no_articles_and_ids_given_twice_are_told(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    said = nkwire("cluster", write("c.jsonl", *articles, b"{", articles[1]))
    assert said.code == 3
    assert said.json == [["first", "second"]]
    assert "c.jsonl:4: not JSON" in said.err
    assert "'second' was given before" in said.err


def test_many_articles_without_an_address_are_one_line(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    strange = [articles[0] | {"id": f"x{n}", "url": f"disk:{n}"} for n in range(3)]
    said = nkwire("cluster", write("c.jsonl", *articles, *strange))
    assert said.code == 3
    assert said.err.count("disk:") == 1
    assert "3 left out: not an http(s) address, the first is " in said.err
    assert "c.jsonl:4: 'disk:0'" in said.err


def test_a_folder_that_is_not_there_is_told_before_the_work(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    said = nkwire("cluster", write("c.jsonl", *articles), "--groups", "no/such/g.json")
    assert (said.code, said.err) == (2, "nkwire: no/such/g.json: there is no folder no/such\n")


@pytest.mark.parametrize("empty", ["/dev/null", "empty.jsonl"])
def test_an_empty_input_has_no_stories(
    empty: str, nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    (an_empty_folder / "empty.jsonl").touch()
    said = nkwire("cluster", empty)
    assert (said.code, said.json) == (0, [])
    assert "0 articles, 0 stories" in said.err


def test_a_pipe_is_read_as_a_file_is(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    file = write("c.jsonl", *articles)
    pipe = file.with_name("pipe")
    os.mkfifo(pipe)
    writer = Thread(target=lambda: pipe.write_bytes(file.read_bytes()))
    writer.start()
    assert nkwire("cluster", pipe).json == [["first", "second"]]
    writer.join()


def test_a_folder_without_articles_is_refused(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    (an_empty_folder / "_SUCCESS.jsonl").touch()
    (an_empty_folder / "notes.md").touch()
    said = nkwire("cluster", an_empty_folder)
    assert said.code == 2
    assert said.err.startswith(f"nkwire: {an_empty_folder}: no file of articles is there: .jsonl,")
    assert len(said.err.splitlines()) == 1
