"""The folder layout that Hugging Face `datasets` loads: `load_dataset("FOLDER", "articles")`.

`README.md` names the configurations (articles, stories, relations); `data/` has Parquet shards.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from storage.export.formats.columns import Column
from storage.export.formats.parquet import write_shards
from storage.export.formats.sqlite import EXPORT_TABLES

ROWS_PER_SHARD = 100_000
_README_HEAD = """\
---
pretty_name: North Korea in the world's press
tags:
- news
- north-korea
- near-duplicate
configs:
"""
_README_CONFIG = """\
- config_name: {name}
  data_files:
  - split: train
    path: data/{name}-*.parquet
{default}"""


def write(folder: Path, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> int:
    """Write a folder with these of `TABLES`, the first as default; returns the rows of that."""
    (folder / "data").mkdir()
    done = [
        write_shards(folder / "data", name, EXPORT_TABLES[name], rows, ROWS_PER_SHARD)
        for name, rows in tables.items()
    ]
    (folder / "README.md").write_text(_format_readme(list(tables)), encoding="utf-8")
    return done[0]


def _format_readme(names: list[str]) -> str:
    configs = [
        _README_CONFIG.format(name=name, default="  default: true\n" if name == names[0] else "")
        for name in names
    ]
    parts = [_README_HEAD, *configs, "---\n\n# North Korea in the world's press\n"]
    for name in names:
        parts += [f"\n## {name}\n\n", format_column_table(EXPORT_TABLES[name])]
    return "".join(parts)


def format_column_table(columns: Iterable[Column]) -> str:
    """A table in Markdown of what the columns mean."""
    lines = [f"| `{c.name}` | {c.kind.value} | {c.meaning} |\n" for c in columns]
    return "".join(["| column | kind | meaning |\n|---|---|---|\n", *lines])
