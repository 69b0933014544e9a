import inspect
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Database, errors
from storage.records import Article

Make = Callable[..., Article]
PAGE = Path(__file__).parents[2] / "docs" / "storage.md"


NAMES = [
    name
    for name in re.findall(r"^class (\w+)\(", inspect.getsource(errors), re.MULTILINE)
    if name != "StorageError"
]


@pytest.mark.parametrize("name", NAMES)
def test_every_error_says_what_to_do_about_it(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text()


def test_the_example_in_python_runs(
    database: Database,
    corpus_url: str,
    make: Make,
    write: Callable[[int], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    copies = [make(n, outlet=f"outlet{n}", text=write(1), title=f"Print {n}") for n in range(3)]
    database.save(copies)
    printed = ("Print 0 outlet0, outlet1, outlet2", "outlet2 Print 2 3")
    codes = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for code, expected in zip(codes, printed, strict=True):
        example = tmp_path / "example.py"
        example.write_text(code.replace("sqlite:///data/nkwire.db", corpus_url))
        runpy.run_path(str(example))
        assert expected in capsys.readouterr().out
