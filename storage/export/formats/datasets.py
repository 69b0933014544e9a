"""Writes a folder that Hugging Face `datasets` can load: `load_dataset("FOLDER", "articles")`.

The header of `README.md` names the configurations, one for each table. `data/` has the Parquet
shards.
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
    """Writes the tables into an empty folder. Returns the number of rows of the first table.

    `tables`: rows by the names in `EXPORT_TABLES`. The first table is the default configuration.
    Raises MissingLibrary if pyarrow is not installed.
    """
    (folder / "data").mkdir()
    row_counts = [
        write_shards(folder / "data", name, EXPORT_TABLES[name], rows, ROWS_PER_SHARD)
        for name, rows in tables.items()
    ]
    (folder / "README.md").write_text(_format_readme(list(tables)), encoding="utf-8")
    return row_counts[0]


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
    """Returns a Markdown table of the columns, their kinds and meanings."""
    lines = [f"| `{c.name}` | {c.kind.value} | {c.meaning} |\n" for c in columns]
    return "".join(["| column | kind | meaning |\n|---|---|---|\n", *lines])
