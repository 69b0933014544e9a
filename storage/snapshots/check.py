"""Verifies the files of a snapshot and compares two snapshots."""

import gzip
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from storage.errors import InvalidRequest
from storage.export.formats import parquet
from storage.snapshots.create import (
    LAYOUT_VERSION,
    MANIFEST_NAME,
    compute_snapshot_id,
    file_sha256,
)
from storage.snapshots.story_comparison import (
    DecidedPair,
    Tally,
    compare_decisions,
    compare_reports,
    compare_stories,
    pair_decisions,
)
from storage.wording.numbers import format_count

_MAX_EXAMPLES = 20


class NotASnapshot(InvalidRequest):
    """The folder is not a snapshot, or its manifest or its data cannot be read."""


@dataclass(slots=True)
class SnapshotDifference:
    """The differences between an old and a new snapshot.

    `settings`: the entries of the manifest that differ, as (old, new). `counts`: the number of
    articles that are same, edited (another text), moved (same text, story with another lead
    document), added and removed. `examples`: up to 20 URLs of each but the same ones. `stories`:
    those that were merged, split, renumbered or have another lead document. `reports`: those that were
    merged, split or renumbered. `decisions`: those that were made and taken back. `other_filters`:
    the filters that differ; if there are any, decisions are not compared, as one may only lack its
    articles.
    """

    settings: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    stories: Tally = field(default_factory=Tally)
    reports: Tally = field(default_factory=Tally)
    decisions: Tally = field(default_factory=Tally)
    other_filters: tuple[str, ...] = ()

    def add(self, category: str, url: str) -> None:
        self.counts[category] += 1
        urls = self.examples.setdefault(category, [])
        if category != "same" and len(urls) < _MAX_EXAMPLES:
            urls.append(url)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Returns the manifest.

    Raises NotASnapshot if it is missing, damaged or of another layout version.
    """
    try:
        manifest = orjson.loads((folder / MANIFEST_NAME).read_bytes())
        if manifest["layout"] != LAYOUT_VERSION:
            raise NotASnapshot(f"{folder} is of a newer nkwire (layout {manifest['layout']})")
        manifest["files"] = [
            {"path": str(f["path"]), "sha256": str(f["sha256"]), "bytes": int(f["bytes"])}
            for f in list[Any](manifest["files"])
        ]
    except OSError as error:
        raise NotASnapshot(f"{folder} is no snapshot: {MANIFEST_NAME}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise NotASnapshot(f"{folder}: {MANIFEST_NAME} is damaged ({error!r})") from error
    return dict(manifest)


def verify_snapshot(folder: Path) -> list[str]:
    """Compares the files with the manifest. Returns one line for each problem, [] if there is none.

    Problems are files that are missing, changed, not in the manifest, or outside the folder, and an
    id that the digests of the data do not give. Raises NotASnapshot if the manifest cannot be read.
    """
    manifest = read_manifest(folder)
    entry_by_path = {entry["path"]: entry for entry in manifest["files"]}
    problems = [
        line
        for path, entry in entry_by_path.items()
        if (line := _find_problem(folder, path, entry))
    ]
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    unlisted = sorted(present - entry_by_path.keys() - {MANIFEST_NAME})
    problems += [f"{path}: not in the manifest" for path in unlisted]
    if manifest.get("id") != compute_snapshot_id(manifest["files"]):
        problems.append(f"{MANIFEST_NAME}: the id is not that of these data")
    return problems


def diff_snapshots(old: Path, new: Path) -> SnapshotDifference:
    """Compares articles, stories, reports and decisions of two snapshots; their formats may differ.

    Articles match by outlet and key, or canonical URL or URL if there is no key. Raises
    NotASnapshot if a manifest or the data cannot be read, and MissingLibrary if pyarrow is needed
    and not installed.
    """
    old_manifest, new_manifest = read_manifest(old), read_manifest(new)
    difference = SnapshotDifference()
    for name in ("request", "dedup", "nkwire", "search_tokens", "as_of"):
        if old_manifest.get(name) != new_manifest.get(name):
            difference.settings[name] = (old_manifest.get(name), new_manifest.get(name))
    old_data, new_data = _SnapshotReader(old), _SnapshotReader(new)
    old_articles = {
        each.key: (each.content, each.story, each.report) for each in old_data.iter_articles()
    }
    shared: Counter[tuple[int, int]] = Counter()
    shared_reports: Counter[tuple[int, int]] = Counter()
    for each in new_data.iter_articles():
        previous = old_articles.pop(each.key, None)
        if previous is None:
            difference.add("added", each.url)
            continue
        content, story, report = previous
        shared[story, each.story] += 1
        if report and each.report:
            shared_reports[report, each.report] += 1
        if content != each.content:
            difference.add("edited", each.url)
        else:
            is_moved = old_data.leads.get(story) != new_data.leads.get(each.story)
            difference.add("moved" if is_moved else "same", each.url)
    if old_articles:
        for each in old_data.iter_articles():
            if each.key in old_articles:
                difference.add("removed", each.url)
    difference.stories = compare_stories(shared, old_data.leads, new_data.leads)
    difference.reports = compare_reports(shared_reports)
    difference.other_filters = _find_other_filters(old_manifest, new_manifest)
    if not difference.other_filters:
        difference.decisions = compare_decisions(old_data.decided_pairs(), new_data.decided_pairs())
    return difference


def _find_other_filters(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    """Returns the names of the filters that differ, in order."""
    before, after = _filters(old), _filters(new)
    names = sorted(before.keys() | after.keys())
    return tuple(name for name in names if before.get(name) != after.get(name))


def _filters(manifest: dict[str, Any]) -> dict[str, Any]:
    """Returns the filters; {} if the manifest has none of their form."""
    request = manifest.get("request")
    filters = request.get("filters") if isinstance(request, dict) else None
    return filters if isinstance(filters, dict) else {}


def _find_problem(folder: Path, path: str, entry: dict[str, Any]) -> str:
    root = folder.resolve()
    try:
        file = (root / path).resolve()
        if not file.is_relative_to(root):
            return f"{path}: lies outside the snapshot"
        if not file.is_file():
            return f"{path}: missing"
        if file.stat().st_size != entry["bytes"]:
            return (
                f"{path}: {format_count(file.stat().st_size, 'byte')} instead of {entry['bytes']:,}"
            )
        return "" if file_sha256(file) == entry["sha256"] else f"{path}: changed"
    except OSError as error:
        return f"{path}: {error.strerror}"
    except (ValueError, RuntimeError):  # a NUL in the name, links in a circle
        return f"{path}: no name of a file"


@dataclass(frozen=True, slots=True)
class _ArticleDigest:
    """Digests of the identity and the text of an article, its address, its story and its report.

    `report`: 0 if it is in none.
    """

    key: bytes
    content: bytes
    url: str
    story: int
    report: int


class _SnapshotReader:
    """Reads the data of a snapshot. `leads`: a digest of the lead document of each story."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _naming_damage(folder, "stories"):
            self.leads = {
                row["story"]: _digest(row["outlet"], row["url"])
                for row in _read_rows(folder, "stories")
            }
        with _naming_damage(folder, "decisions"):
            self._decisions = [
                (int(row["a"]), int(row["b"]), str(row["verb"]))
                for row in _read_rows(folder, "decisions")
            ]
        self._decided_ids = {end for a, b, _ in self._decisions for end in (a, b)}
        self._decided_articles: dict[int, tuple[bytes, str]] = {}

    def iter_articles(self) -> Iterator[_ArticleDigest]:
        """Yields the articles; `decided_pairs` needs that all were read."""
        with _naming_damage(self._folder, "articles"):
            for row in _read_rows(self._folder, "articles"):
                key = _digest(row["outlet"], row["key"] or row["canonical_url"] or row["url"])
                if row["id"] in self._decided_ids:
                    self._decided_articles[row["id"]] = (key, row["url"])
                content = bytes.fromhex(row["content_sha256"])[:16]
                story, report = int(row["story"] or 0), int(row["report"] or 0)
                yield _ArticleDigest(key, content, row["url"], story, report)

    def decided_pairs(self) -> dict[Collection[bytes], DecidedPair]:
        """Returns the decisions; see `pair_decisions`."""
        return pair_decisions(self._decisions, self._decided_articles)


@contextmanager
def _naming_damage(folder: Path, name: str) -> Iterator[None]:
    """Raises NotASnapshot if a row of a table has other columns or values."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise NotASnapshot(
            f"{folder}: data/{name} has a row of another form ({error!r})"
        ) from error


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()


def _read_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    jsonl_path, parquet_path = folder / f"data/{name}.jsonl.gz", folder / f"data/{name}.parquet"
    try:
        if name == "decisions" and not jsonl_path.exists() and not parquet_path.exists():
            return  # a snapshot of an earlier nkwire
        if jsonl_path.exists():
            with gzip.open(jsonl_path) as file:
                for line in file:
                    yield orjson.loads(line)
        else:
            for batch in (
                parquet.import_pyarrow().parquet.ParquetFile(parquet_path).iter_batches(1000)
            ):
                yield from batch.to_pylist()
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise NotASnapshot(f"{folder}: data/{name} cannot be read ({error})") from error
