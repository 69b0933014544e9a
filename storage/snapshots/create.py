"""Creates a snapshot of the corpus for citation: data, metadata and checksums in one folder.

    NAME/
      data/articles, stories, relations   .jsonl.gz or .parquet
      data/versions, changes, states      .jsonl.gz or .parquet: versions, edits, changes of state
      data/outlets.csv, gaps.csv          the outlets; when each was unread, unreachable or quiet
      MANIFEST.json                       SHA-256 of all files, counts, filters, parameters
      CITATION.cff, citation.bib          Citation File Format 1.2.0, BibTeX
      ro-crate-metadata.json              RO-Crate 1.1
      README.md, DICTIONARY.md            description, meaning of each column

The same database and the same request give the same bytes, and so the same identifier: no file
contains the time of its creation. All files show one state of the database, even during a crawl.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import orjson
from sqlalchemy import Connection, func, select

from storage.batches import ProgressCallback
from storage.database import Database
from storage.errors import InvalidRequest
from storage.export.formats import csv_format, history_tables, jsonl_format, output_files, parquet
from storage.export.formats.columns import (
    ARTICLE_COLUMNS,
    RELATION_COLUMNS,
    STORY_COLUMNS,
    Column,
    ColumnKind,
)
from storage.export.formats.selection import Selection, open_selection
from storage.index.unplaced import count_unplaced, describe_unplaced
from storage.rights import TextLevel
from storage.search import tokeniser
from storage.snapshots.citation_files import SnapshotMetadata, format_citation_files
from storage.tables.articles import article, outlet
from storage.version import package_version

LAYOUT_VERSION = 1
MANIFEST_NAME = "MANIFEST.json"
_SNAPSHOT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_CHUNK_BYTES = 1 << 20

OUTLET_COLUMNS = (
    Column("outlet", ColumnKind.TEXT, "the publisher"),
    Column(
        "rank", ColumnKind.NUMBER, "how near the source: 0 the agency itself, 1 a wire, 9 others"
    ),
    Column("articles", ColumnKind.NUMBER, "articles of it in this snapshot"),
    Column("first_seen_at", ColumnKind.TIME, "when the first of these was first seen"),
    Column("last_seen_at", ColumnKind.TIME, "when the last of these was first seen"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRequest:
    """What a snapshot shall contain.

    `name`: up to 100 letters, digits, ".", "_" and "-". `filters`: as in `ExportFilters`.
    """

    name: str
    title: str = ""
    authors: tuple[str, ...] = ()
    format: Literal["jsonl", "parquet"] = "jsonl"
    text: TextLevel = "full"
    filters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreatedSnapshot:
    """The result of `create_snapshot`.

    `id`: the SHA-256 of the digests of the data files, in hex. `articles`, `files`: their number.
    `bytes`: the size of all files without the manifest.
    """

    id: str
    articles: int
    files: int
    bytes: int


def create_snapshot(
    database: Database,
    folder: Path,
    request: SnapshotRequest,
    progress: ProgressCallback | None = None,
) -> CreatedSnapshot:
    """Writes a snapshot to the folder, which must not exist or must be empty.

    `progress`: called from time to time with the number of articles written and of all articles.
    Raises CannotWrite if the folder cannot be written; MissingLibrary if the format is Parquet and
    pyarrow is not installed; InvalidRequest if the name is not valid, the database is empty or
    articles are not placed yet; and
    the errors of `open_selection`. After an error, no new folder is left.
    """
    if not _SNAPSHOT_NAME.fullmatch(request.name):
        raise InvalidRequest(
            f"{request.name!r} cannot name a snapshot: letters, digits, '.', '_' and '-' can"
        )
    if request.format == "parquet":
        parquet.import_pyarrow()
    filters = {name: value for name, value in request.filters.items() if value is not None}
    with (
        open_selection(database, text=request.text, **filters) as selection,
        output_files.atomic_folder(folder) as part_path,
    ):
        _refuse_unplaced(selection.connection)
        counts = _write_data(selection, part_path / "data", request, progress)
        files = digest_files(part_path)
        metadata = _make_metadata(selection.connection, database, request, filters, counts, files)
        for name, text in format_citation_files(metadata, _table_columns()).items():
            (part_path / name).write_text(text, encoding="utf-8")
        files = digest_files(part_path)
        (part_path / MANIFEST_NAME).write_bytes(_format_manifest(metadata, files))
    return CreatedSnapshot(
        metadata.id, counts["articles"], len(files) + 1, sum(f["bytes"] for f in files)
    )


def digest_files(folder: Path) -> list[dict[str, Any]]:
    """Returns path, bytes and sha256 of all files but the manifest, sorted by relative path."""
    paths = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return [
        {
            "path": path,
            "bytes": (folder / path).stat().st_size,
            "sha256": file_sha256(folder / path),
        }
        for path in paths
        if path != MANIFEST_NAME
    ]


def compute_snapshot_id(files: Iterable[Mapping[str, Any]]) -> str:
    """Returns the id of a snapshot: the SHA-256, in hex, of the digests and paths of its data files.

    `files`: entries of a manifest; those outside of `data/` do not count, because they quote the id.
    """
    data = [each for each in files if each["path"].startswith("data/")]
    lines = (f"{each['sha256']}  {each['path']}\n" for each in sorted(data, key=itemgetter("path")))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _table_columns() -> dict[str, tuple[Column, ...]]:
    return {
        "articles": ARTICLE_COLUMNS,
        "stories": STORY_COLUMNS,
        "relations": RELATION_COLUMNS,
        "outlets": OUTLET_COLUMNS,
        **history_tables.HISTORY_TABLES,
    }


def _write_data(
    selection: Selection, data: Path, request: SnapshotRequest, progress: ProgressCallback | None
) -> dict[str, int]:
    data.mkdir()
    total = selection.count() if progress else 0
    sources: dict[str, tuple[tuple[Column, ...], Iterable[Mapping[str, Any]]]] = {
        "articles": (ARTICLE_COLUMNS, _with_progress(selection.iter_articles(), progress, total)),
        "stories": (STORY_COLUMNS, selection.iter_stories()),
        "relations": (RELATION_COLUMNS, selection.iter_relations()),
    }
    history_rows = history_tables.build_history_tables(selection, request.filters.get("outlet"))
    gaps = history_rows.pop("gaps")
    sources |= {
        name: (history_tables.HISTORY_TABLES[name], rows) for name, rows in history_rows.items()
    }
    counts = {}
    for name, (columns, rows) in sources.items():
        if request.format == "parquet":
            with (data / f"{name}.parquet").open("wb") as file:
                counts[name] = parquet.write(file, columns, rows)
        else:
            out = data / f"{name}.jsonl.gz"
            with out.open("wb") as raw, output_files.open_compressed(raw, ".gz") as compressed:
                counts[name] = jsonl_format.write(compressed, columns, rows)
    with (data / "outlets.csv").open("wb") as file:
        counts["outlets"] = csv_format.write(file, OUTLET_COLUMNS, _iter_outlets(selection))
    with (data / "gaps.csv").open("wb") as file:
        counts["gaps"] = csv_format.write(file, history_tables.GAP_COLUMNS, gaps)
    return counts


def _with_progress(
    rows: Iterable[dict[str, Any]], progress: ProgressCallback | None, total: int
) -> Iterator[dict[str, Any]]:
    for done, row in enumerate(rows, start=1):
        yield row
        if progress and done % 50 == 0:
            progress(done, total)


def _iter_outlets(selection: Selection) -> Iterator[dict[str, Any]]:
    query = (
        select(
            article.c.outlet,
            outlet.c.rank,
            func.count().label("articles"),
            func.min(article.c.first_seen_at).label("first_seen_at"),
            func.max(article.c.first_seen_at).label("last_seen_at"),
        )
        .join_from(article, outlet, outlet.c.name == article.c.outlet)
        .where(*selection.conditions)
        .group_by(article.c.outlet, outlet.c.rank)
    )
    # Sorted here, because the collation of names differs between databases.
    rows = [dict(row._mapping) for row in selection.connection.execute(query)]
    return iter(sorted(rows, key=lambda row: str(row["outlet"])))


def _refuse_unplaced(connection: Connection) -> None:
    """Raises InvalidRequest if stories are missing, because articles are not placed yet."""
    if line := describe_unplaced(count_unplaced(connection)):
        raise InvalidRequest(f"{line} before a snapshot is made")


def _require_as_of(connection: Connection) -> datetime:
    as_of = history_tables.load_as_of(connection)
    if as_of is None:
        raise InvalidRequest("the database is empty: there is nothing to cite")
    return as_of


def _make_metadata(
    connection: Connection,
    database: Database,
    request: SnapshotRequest,
    filters: dict[str, Any],
    counts: dict[str, int],
    files: list[dict[str, Any]],
) -> SnapshotMetadata:
    scheme = {k: v for k, v in database.scheme.to_dict().items() if k != "seed"}
    return SnapshotMetadata(
        id=compute_snapshot_id(files),
        name=request.name,
        title=request.title or f"North Korea in the world's press: {request.name}",
        authors=request.authors or ("the makers of this corpus",),
        as_of=_require_as_of(connection),
        nkwire=package_version(),
        format=request.format,
        text=request.text,
        filters=filters,
        dedup={"scheme": database.scheme.name, **scheme},
        counts=counts,
        files=files,
    )


def _format_manifest(metadata: SnapshotMetadata, files: list[dict[str, Any]]) -> bytes:
    manifest = {
        "layout": LAYOUT_VERSION,
        "id": metadata.id,
        "name": metadata.name,
        "title": metadata.title,
        "authors": list(metadata.authors),
        "as_of": metadata.as_of,
        "nkwire": metadata.nkwire,
        "request": {"format": metadata.format, "text": metadata.text, "filters": metadata.filters},
        "dedup": metadata.dedup,
        "search_tokens": tokeniser.TOKENISER_VERSION,
        "counts": metadata.counts,
        "files": files,
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(manifest, option=options | orjson.OPT_SORT_KEYS)
