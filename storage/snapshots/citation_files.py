"""Formats the metadata files of a snapshot: citation, README, data dictionary, RO-Crate. No I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from storage.export.formats.columns import Column
from storage.export.formats.datasets import format_column_table
from storage.wording.numbers import format_count

_MEDIA_TYPES = {
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".bib": "application/x-bibtex",
}
_TEX_ESCAPES = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotMetadata:
    """The metadata of a snapshot.

    `id`: the SHA-256 of the digests of the data files, in hex. `as_of`: when a text was
    last stored, or a run last started or ended. `nkwire`: the version of nkwire. `text`: how much
    text it contains (full, lead or none). `dedup`: name and parameters of the dedup scheme.
    `counts`: the rows of each table. `files`: path, bytes and sha256 of the data files.
    """

    id: str
    name: str
    title: str
    authors: tuple[str, ...]
    as_of: datetime
    nkwire: str
    format: str
    text: str
    filters: Mapping[str, Any]
    dedup: Mapping[str, Any]
    counts: Mapping[str, int]
    files: list[dict[str, Any]]


def format_citation_files(
    metadata: SnapshotMetadata, tables: Mapping[str, tuple[Column, ...]]
) -> dict[str, str]:
    """Returns the text of all metadata files by file name. `tables`: the columns of each table."""
    texts = {
        "CITATION.cff": format_citation_cff(metadata),
        "citation.bib": format_bibtex(metadata),
        "README.md": format_readme(metadata),
        "DICTIONARY.md": format_data_dictionary(tables),
    }
    return texts | {"ro-crate-metadata.json": format_ro_crate(metadata, sorted(texts))}


def format_citation_cff(metadata: SnapshotMetadata) -> str:
    """Returns CITATION.cff: Citation File Format 1.2.0, type dataset."""
    authors = "".join(f"  - name: {_quote_yaml(author)}\n" for author in metadata.authors)
    return (
        "cff-version: 1.2.0\n"
        "type: dataset\n"
        "message: If you use this corpus, please cite it as below.\n"
        f"title: {_quote_yaml(metadata.title)}\n"
        f"authors:\n{authors}"
        f"version: {_quote_yaml(metadata.id[:16])}\n"
        f"date-released: {metadata.as_of:%Y-%m-%d}\n"
        "identifiers:\n"
        f"  - type: other\n    value: {_quote_yaml('sha256:' + metadata.id)}\n"
        "    description: SHA-256 of the digests of all data files\n"
        "keywords:\n  - North Korea\n  - KCNA\n  - news\n  - near-duplicates\n"
    )


def format_bibtex(metadata: SnapshotMetadata) -> str:
    """Returns one BibTeX entry of type `@misc`."""
    key = re.sub(r"[^A-Za-z0-9]", "", metadata.name) or "corpus"
    authors = " and ".join(f"{{{_escape_tex(author)}}}" for author in metadata.authors)
    return (
        f"@misc{{nkwire{metadata.as_of:%Y}{key},\n"
        f"  author = {{{authors}}},\n"
        f"  title = {{{{{_escape_tex(metadata.title)}}}}},\n"
        f"  year = {{{metadata.as_of:%Y}}},\n"
        f"  month = {{{metadata.as_of.month}}},\n"
        f"  version = {{{metadata.id[:16]}}},\n"
        f"  note = {{Data set of {format_count(metadata.counts['articles'], 'article')}, state of "
        f"{metadata.as_of:%Y-%m-%d}, sha256:{metadata.id}, made with nkwire {_escape_tex(metadata.nkwire)}}}\n"
        "}\n"
    )


def _words(value: Any) -> str:
    """Returns the value of a filter; of several, each."""
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def format_readme(metadata: SnapshotMetadata) -> str:
    """Returns README.md: describes the snapshot to a person."""
    filters = ", ".join(f"{k} = {_words(v)}" for k, v in sorted(metadata.filters.items())) or "none"
    counts = "".join(f"| {name} | {number:,} |\n" for name, number in metadata.counts.items())
    return (
        f"# {metadata.title}\n\n"
        f"State of {metadata.as_of:%Y-%m-%d %H:%M} UTC, frozen with nkwire {metadata.nkwire}.\n"
        f"Identifier: `sha256:{metadata.id}`.\n\n"
        f"Filters: {filters}. Text: {metadata.text}, and never more than an outlet allows; where it\n"
        "is withheld, `content_sha256`, `characters` and `sketch` still allow to compare.\n\n"
        f"| data | rows |\n|---|---:|\n{counts}\n"
        "`DICTIONARY.md` says what each column means. `data/gaps.csv` says when an outlet was not\n"
        "read or did not answer: no articles of such a time does not mean that none appeared.\n"
        "`MANIFEST.json` has the SHA-256 of every file; `nkwire snapshot verify` checks them.\n"
        "Cite as `CITATION.cff` or `citation.bib` say.\n"
    )


def format_data_dictionary(tables: Mapping[str, tuple[Column, ...]]) -> str:
    """Returns DICTIONARY.md: the meaning of all columns of all tables."""
    parts = [f"\n## {name}\n\n{format_column_table(columns)}" for name, columns in tables.items()]
    return "# Data dictionary\n\nTimes are UTC, ISO 8601.\n" + "".join(parts)


def format_ro_crate(metadata: SnapshotMetadata, names: list[str]) -> str:
    """Returns the RO-Crate 1.1 metadata (JSON-LD) of the data files and of the files `names`."""
    files = [*(entry["path"] for entry in metadata.files), *names]
    entry_by_path = {entry["path"]: entry for entry in metadata.files}
    authors = [{"@id": f"#author-{n}"} for n in range(len(metadata.authors))]
    graph: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": metadata.title,
            "description": f"{metadata.counts['articles']} news articles that concern North Korea, "
            "with the stories and reports they belong to",
            "identifier": f"sha256:{metadata.id}",
            "datePublished": f"{metadata.as_of:%Y-%m-%d}",
            "license": {"@id": "#rights"},
            # RO-Crate 1.1 is compacted JSON-LD: a single value is not in a list.
            "author": authors[0] if len(authors) == 1 else authors,
            "hasPart": [{"@id": path} for path in files],
        },
        {
            "@id": "#rights",
            "@type": "CreativeWork",
            "name": "Each article under the terms of its outlet",
            "description": "The column rights says what an outlet allows.",
        },
        *(
            {"@id": f"#author-{n}", "@type": "Organization", "name": author}
            for n, author in enumerate(metadata.authors)
        ),
        *(_file_entity(path, entry_by_path.get(path)) for path in files),
    ]
    crate = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return orjson.dumps(crate, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _file_entity(path: str, entry: Mapping[str, Any] | None) -> dict[str, Any]:
    entity = {
        "@id": path,
        "@type": "File",
        "encodingFormat": _MEDIA_TYPES["." + path.rsplit(".", 1)[1]],
    }
    if entry:
        entity |= {"contentSize": str(entry["bytes"]), "sha256": entry["sha256"]}
    return entity


def _quote_yaml(text: str) -> str:
    # JSON strings are valid in YAML 1.2.
    return orjson.dumps(text).decode()


def _escape_tex(text: str) -> str:
    return "".join(_TEX_ESCAPES.get(c, c) for c in text)
