"""A damaged Parquet file gives the rows before the damage, and one line."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.importers.files import read_articles
from storage.importers.jsonl_reader import BadLine

pytestmark = pytest.mark.threats("R18")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rows = [
        {
            "url": f"https://paper.example/{n}",
            "outlet": "paper",
            "title": f"Kiln {n}",
            "text": "한국 words of the new kiln " * 20,
        }
        for n in range(50)
    ]
    path = tmp_path_factory.mktemp("sound") / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path.read_bytes()


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_is_a_traceback(seed: int, sound: bytes, tmp_path: Path) -> None:
    chosen, content = random.Random(seed), bytearray(sound)
    match seed % 5:
        case 0:
            content[chosen.randrange(len(content))] ^= 0xFF
        case 1:
            for place in chosen.sample(range(len(content)), 20):
                content[place] ^= 0xFF
        case 2:
            at = chosen.randrange(4, len(content) - 40)
            content[at : at + 30] = chosen.randbytes(30)
        case 3:
            content[chosen.randrange(len(content) - 500, len(content) - 8)] ^= 0xFF
        case _:
            del content[chosen.randrange(len(content)) :]
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    rows = list(read_articles(path))
    problems = [row for row in rows if isinstance(row, BadLine)]
    assert len(rows) - len(problems) in range(51)
    assert all("\n" not in str(each) for each in problems)
