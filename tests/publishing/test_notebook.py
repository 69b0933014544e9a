"""The notebook of the docs runs, and finds what the generator of its articles knows."""

import ast
import os
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient

from cli.app import run
from docs.notebooks.invented_press import invent_press
from storage.plots.picture import GREY, INK

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs/notebooks/who-carried-what.ipynb"
SECONDS = 120
TEXTS = {f"fill: {colour}" for colour in (INK, GREY)}


@dataclass(frozen=True)
class Executed:
    """The notebook with its results, and the folder in which it made its files."""

    notebook: Any
    folder: Path


@pytest.fixture(scope="module")
def notebook() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def test_the_notebook_is_kept_without_results(notebook: Any) -> None:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 5
    assert not [cell for cell in code if cell.outputs or cell.execution_count]
    assert NOTEBOOK.stat().st_size < 20_000


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    """Runs the notebook once; its cells see no settings of ours."""
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("NKWIRE_")]:
            patch.delenv(name)
        for name in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "NKWIRE_HOME"):
            (folder / name).mkdir()
            patch.setenv(name, str(folder / name))
        patch.setenv("PYTHONPATH", str(ROOT))
        read = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
        resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
        client = NotebookClient(read, timeout=SECONDS, kernel_name="python3", resources=resources)
        with warnings.catch_warnings():  # Jupyter's own libraries warn of each other
            warnings.simplefilter("ignore")
            client.execute()
    (database,) = folder.glob("TMPDIR/*/press.db")
    return Executed(read, database.parent)


def test_the_notebook_finds_who_carried_what_and_how_late(executed: Executed) -> None:
    code = [cell for cell in executed.notebook.cells if cell.cell_type == "code"]
    pictures = [
        kind
        for cell in code
        for output in cell.outputs
        for kind in output.get("data", {})
        if kind.startswith("image/")
    ]
    assert sorted(pictures) == ["image/png", "image/png", "image/png", "image/svg+xml"]
    known = invent_press()
    (result,) = code[-1].outputs
    assert ast.literal_eval(result.data["text/plain"]) == {
        "articles": len(known.rows),
        "carried": len(known.carried),
        "in_the_right_manner": len(known.carried),
        "known": len(known.carried),
        "medians_that_fit": 7,
        "outlets": 7,
    }


def gallery_commands() -> dict[str, list[str]]:
    """The arguments of each command of the gallery that draws, by the name of its picture."""
    page = (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("$ nkwire") and "--out" in line]
    words = [line.split()[2:] for line in lines]
    return {Path(each[-1]).name: each[:-1] for each in words}


@pytest.mark.parametrize("name", gallery_commands())
def test_the_pictures_of_the_gallery_are_what_its_commands_draw(
    executed: Executed, tmp_path: Path, name: str
) -> None:
    drawn = tmp_path / name
    database = f"sqlite:///{executed.folder / 'press.db'}"
    line = [*gallery_commands()[name], str(drawn), "--database", database]
    assert run(line) == 0
    kept = ROOT / "docs/images" / name
    assert f"](images/{name})" in (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
    if name.startswith("graph-"):
        assert drawn.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")
    assert shapes(drawn) == shapes(kept)


def shapes(picture: Path) -> Counter[str]:
    """How many shapes of an SVG have each colour, without texts, which other fonts draw otherwise."""
    styles = ElementTree.parse(picture).getroot().iter()
    fills = (
        part
        for each in styles
        for part in (each.get("style", "") + f"; fill: {each.get('fill', '')}").split("; ")
    )
    return Counter(each for each in fills if each.startswith("fill: #") and each not in TEXTS)
