"""A wire's LEAD, 2nd LD, 종합 at addresses of their own: versions of one report, never silent edits."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.app import run
from storage import Database, open_database
from storage.changes.wire_chains import find_chains
from storage.records import Article, TimePrecision

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
TEXT = " ".join(
    f"Sentence {n} tells of the {n * 7} workers of the new dairy farm." for n in range(30)
)


def article(hours: float, title: str, text: str = TEXT, outlet: str = "wire") -> Article:
    at = START + timedelta(hours=hours)
    return Article(
        outlet=outlet,
        url=f"https://{outlet}.test/{int(hours * 60)}",
        title=title,
        text=text,
        language="en",
        published_at=at,
        published_precision=TimePrecision.MINUTE,
    )


FIRST = article(0, "N. Korea opens dairy farm")
LEAD = article(1, "(LEAD) N. Korea opens dairy farm", TEXT + " It is the third this year.")
SECOND = article(
    2, "(2nd LD) N. Korea opens third dairy farm this year", TEXT + " It is the third."
)
FLASH = article(-1, "(URGENT) N. Korea opens dairy farm", "N. Korea opens a farm: KCNA")
OTHER = article(3, "Mayor opens bridge", "A bridge was opened by the mayor of a town far away.")
COPY = article(4, "N. Korea opens dairy farm", TEXT, "paper")


def told(database: Database, story: int) -> list[list[tuple[str, str]]]:
    return [
        [(link.stage.mark, link.article.title) for link in chain]
        for chain in find_chains(database, story)
    ]


@pytest.mark.parametrize("order", [1, -1], ids=["in-order", "backwards"])
def test_stages_at_addresses_of_their_own_are_a_chain(database: Database, order: int) -> None:
    database.save([FIRST, LEAD, SECOND, FLASH, OTHER, COPY][::order])
    story = next(a.story_id for a in database.articles.iter(outlet="wire") if a.title == LEAD.title)
    assert told(database, story) == [
        [
            ("(URGENT)", FLASH.title),
            ("", FIRST.title),
            ("(LEAD)", LEAD.title),
            ("(2nd LD)", SECOND.title),
        ]
    ]
    assert list(database.changes.iter(boring=True)) == []


def test_each_stage_tells_what_it_changed(database: Database) -> None:
    database.save([FIRST, LEAD])
    (chain,) = find_chains(database, 1)
    assert chain[0].change is None
    assert chain[1].change is not None
    assert (chain[1].change.nature, chain[1].change.silent) == ("update", False)
    assert "body" in chain[1].change.kinds


def test_by_day_the_stages_say_what_came_first(database: Database) -> None:
    for each, hour in ((LEAD, 1), (FIRST, 20)):
        each = Article(**{f: getattr(each, f) for f in each.__dataclass_fields__})
        each.published_at = START.replace(hour=hour)
        each.published_precision = TimePrecision.DAY
        database.save([each])
    assert [[mark for mark, _ in chain] for chain in told(database, 1)] == [["", "(LEAD)"]]


def test_copies_without_marks_are_no_chain(database: Database) -> None:
    database.save([FIRST, article(5, FIRST.title, TEXT), COPY])
    assert find_chains(database, 1) == []


def test_the_same_headline_weeks_apart_is_no_chain(database: Database) -> None:
    database.save(
        [article(0, "(LEAD) Weather", "Rain in the north."), article(999, "Weather", "Sun.")]
    )
    assert find_chains(database, 1) == []


def test_stages_are_shown_with_story_and_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'nkwire.db'}"
    monkeypatch.setenv("NKWIRE_DATABASE_URL", url)
    database = open_database(url, seed=1)
    database.save([FIRST, LEAD, COPY])
    database.close()
    for name in ("s1", "1"):
        assert run(["show", name]) == 0
        said = capsys.readouterr().out
        assert "wire: stages of one report" in said
        assert said.index("first") < said.index("(LEAD)  ")
        assert run(["show", name, "--json"]) == 0
        (chain,) = json.loads(capsys.readouterr().out)["chains"]
        assert [stage["mark"] for stage in chain["stages"]] == ["", "(LEAD)"]
        assert chain["stages"][1]["added"] > 0
    assert run(["show", "3"]) == 0
    assert "stages" not in capsys.readouterr().out
