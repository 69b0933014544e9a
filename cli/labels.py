"""Reads what a person has labelled: which articles are copies, and which carry one report."""

import csv
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.errors import UserError

ARTICLES_FILE = "input.jsonl"
_GROUPS_FILE, _CSV_FILE, _PAIRS_FILE = "groups.json", "labels.csv", "pairs.jsonl"


@dataclass(frozen=True, slots=True)
class Labels:
    """Groups of ids of articles; None if they were not labelled.

    `partial`: pairs that share sentences and are no copies. To find them as copies is no error.
    """

    stories: list[list[str]] | None
    reports: list[list[str]] | None
    partial: list[tuple[str, str]] = field(default_factory=list)


def read_labels(folder: Path, ids: Collection[str]) -> Labels:
    """Reads the labels of the articles with these ids.

    `folder` has `groups.json` or `labels.csv`, and perhaps `pairs.jsonl`. Raises UserError if a
    file is missing or of another form, or names an unknown id, or an id in two groups of one kind.
    """
    groups_file, csv_file = folder / _GROUPS_FILE, folder / _CSV_FILE
    if groups_file.exists() and csv_file.exists():
        raise UserError(f"{folder}: has {_GROUPS_FILE} and {_CSV_FILE}; keep one of them")
    if groups_file.exists():
        found = _read_groups(groups_file)
    elif csv_file.exists():
        found = _read_csv(csv_file)
    else:
        raise UserError(f"{folder}: no {_GROUPS_FILE} and no {_CSV_FILE} with labels")
    file = groups_file if groups_file.exists() else csv_file
    if found.stories is None and found.reports is None:
        raise UserError(f"{file}: no labels of stories or reports")
    for groups in (found.stories, found.reports):
        _check_groups(file, groups or [], ids)
    pairs_file = folder / _PAIRS_FILE
    if pairs_file.exists():
        found.partial.extend(_iter_partial_pairs(pairs_file, ids))
    return found


def _read_groups(file: Path) -> Labels:
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file}: not JSON: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{file}: not an object with copy_groups and reports")
    return Labels(
        _parse_groups(file, "copy_groups", content), _parse_groups(file, "reports", content)
    )


def _parse_groups(file: Path, name: str, content: Mapping[str, Any]) -> list[list[str]] | None:
    groups = content.get(name)
    if groups is None:
        return None
    members = list(groups.values()) if isinstance(groups, dict) else groups
    if not isinstance(members, list) or not all(map(_is_list_of_ids, members)):
        raise UserError(f"{file}: {name} is not a list of lists of ids")
    return members


def _is_list_of_ids(group: object) -> bool:
    return isinstance(group, list) and all(isinstance(each, str) for each in group)


def _read_csv(file: Path) -> Labels:
    """Reads a table with the columns `id`, and `story` or `report` or both; an empty cell is none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            columns = next(reader, [])
            rows = [(reader.line_num, row) for row in reader if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{file}: not CSV in UTF-8: {error}") from None
    if "id" not in columns:
        raise UserError(f"{file}: no column id (id, story and report are the columns)")
    if len(set(columns)) < len(columns):
        raise UserError(f"{file}: a column has the name of another")
    for number, row in rows:
        if len(row) != len(columns):
            raise UserError(f"{file}:{number}: {len(row)} cells in place of {len(columns)}")
        if not row[columns.index("id")].strip():
            raise UserError(f"{file}:{number}: no id")
    named_rows = [dict(zip(columns, row, strict=True)) for _, row in rows]
    return Labels(
        _group_rows(named_rows, "story") if "story" in columns else None,
        _group_rows(named_rows, "report") if "report" in columns else None,
    )


def _group_rows(rows: Iterable[Mapping[str, str]], column: str) -> list[list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if label := row[column].strip():
            groups[label].append(row["id"].strip())
    return list(groups.values())


def _check_groups(file: Path, groups: Iterable[Iterable[str]], ids: Collection[str]) -> None:
    seen: set[str] = set()
    for each in (each for group in groups for each in group):
        if each not in ids:
            raise UserError(f"{file}: {ARTICLES_FILE} has no article {each!r}")
        if each in seen:
            raise UserError(f"{file}: the article {each!r} is in two groups of one kind")
        seen.add(each)


def _iter_partial_pairs(file: Path, ids: Collection[str]) -> Iterator[tuple[str, str]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                a, b, label = row["a"], row["b"], row["label"]
            except (ValueError, RecursionError) as error:
                raise UserError(f"{file}:{number}: not JSON: {error}") from None
            except (KeyError, TypeError):
                raise UserError(f"{file}:{number}: not an object with a, b and label") from None
            if not (isinstance(a, str) and isinstance(b, str)):
                raise UserError(f"{file}:{number}: a and b are not ids")
            if unknown := next((each for each in (a, b) if each not in ids), None):
                raise UserError(f"{file}:{number}: {ARTICLES_FILE} has no article {unknown!r}")
            if label == "partial":
                yield a, b
