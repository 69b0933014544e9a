import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import TEXT, Command

STARTS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the first import, to copy."""
    return tmp_path_factory.mktemp("kept") / "data"


@pytest.fixture
def carried(nkwire: Command, write: Callable[..., Path], an_empty_folder: Path, kept: Path) -> None:
    """A report of the agency that another outlet carries, with times, and an article without one."""
    if kept.exists():
        shutil.copytree(kept, an_empty_folder / "data")
        return
    rows = [
        {
            "url": f"https://{outlet}.example/kiln",
            "outlet": outlet,
            "title": "New Kiln Put into Operation",
            "text": f"Pyongyang, March 1 (KCNA) -- {TEXT}",
            "language": "en",
            "published_at": at,
        }
        for outlet, at in (("kcna", "2026-03-01T08:00Z"), ("herald", "2026-03-01T09:30Z"))
    ]
    rows.append(
        {**rows[0], "url": "https://radio.example/1", "outlet": "radio", "published_at": ""}
    )
    assert nkwire("import", write("carried.jsonl", *rows)).code == 0
    shutil.copytree(an_empty_folder / "data", kept)


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize("name", ["Who.SVG", "all.csv.png", "delays.pdf"])
def test_the_last_suffix_of_the_name_is_the_format(nkwire: Command, name: str) -> None:
    done = nkwire("plot", "delays", "--out", name, "--dpi", "40")
    assert (done.code, done.out) == (0, "")
    assert f"picture in {name}" in done.err
    assert Path(name).read_bytes().startswith(STARTS[name.lower().rpartition(".")[2]])


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize(
    "line",
    [
        ("carriage", "--title", "Kilns"),
        ("articles", "--by", "month", "--stack", "language"),
        ("articles", "--outlet", "herald", "--since", "2026-01-01"),
    ],
)
def test_each_kind_is_drawn(nkwire: Command, line: tuple[str, ...]) -> None:
    assert nkwire("plot", *line, "--out", "drawn.svg").code == 0
    assert Path("drawn.svg").read_bytes().startswith(STARTS["svg"])


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize(
    ("line", "has_note"),
    [
        (("articles", "--since", "2026-01-01"), True),
        (("articles", "--since", "2026-01-01", "--outlet", "herald"), False),
        (("articles",), False),
        (("carriage", "--since", "2026-01-01"), False),
        (("delays", "--since", "2026-01-01"), False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_period_says_which_articles_without_a_date_the_picture_leaves_out(
    nkwire: Command, line: tuple[str, ...], has_note: bool
) -> None:
    done = nkwire("plot", *line, "--out", "drawn.svg")
    assert done.code == 0, done.err
    assert ("1 article without a date is left out" in done.err) is has_note


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (("carriage", "--out", "a.jpg"), "'a.jpg': name the picture FILE.svg, FILE.png, FILE.pdf"),
        (("carriage", "--out", "carriage"), "name the picture"),
        (("carriage", "--since", "2030-01-01", "--out", "a.svg"), "no report that 2 outlets carry"),
        (
            ("carriage", "--since", "2030-01-01", "--at-least", "1", "--out", "a.svg"),
            "no report that 1 outlet carries; 1 article without a date is left out",
        ),
        (("delays", "--since", "2030-01-01", "--out", "a.svg"), "text of the agency itself"),
        (("articles", "--outlet", "heralt", "--out", "a.svg"), "did you mean herald?"),
        (("articles", "--language", "fr", "--out", "a.svg"), "no article passes these filters"),
        (("articles", "--out", "no/such/folder/a.svg"), "no/such/folder"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_nothing_is_written(
    nkwire: Command, an_empty_folder: Path, line: tuple[str, ...], reason: str
) -> None:
    before = sorted(an_empty_folder.iterdir())
    done = nkwire("plot", *line)
    assert (done.code, done.out) == (2, "")
    assert reason in done.err
    assert done.err.count("\n") == 1
    assert sorted(an_empty_folder.iterdir()) == before


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize(
    "line", [("plot", "articles", "--out", "a.svg"), ("graph", "s1", "--out", "a.png")]
)
def test_without_matplotlib_one_line_says_how_to_install_it(
    nkwire: Command, monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...]
) -> None:
    loaded: Any = [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = nkwire(*line)
    assert (done.code, done.err) == (
        2,
        "nkwire: matplotlib is not installed, and pictures need it: pip install 'nkwire[plot]'\n",
    )
