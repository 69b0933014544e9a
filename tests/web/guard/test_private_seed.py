"""The private seed of a corpus is in no export, snapshot or web page, in no form. Answers D2."""

import gzip
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import get_args

import pyarrow.parquet
import pytest

from storage import Database, open_database
from storage.export.export import ExportFormat, ExportOptions, export
from storage.export.formats.output_files import import_zstd
from storage.snapshots.create import SnapshotRequest, create_snapshot
from tests.web import corpus
from tests.web.conftest import DECLARED, serving
from tests.web.guard.every_address import EVERY_ADDRESS
from web.options import WebOptions

pytestmark = pytest.mark.threats("D2")

SEED = 0x5EED_C0DE_1234_F00D  # no text has any of its forms by chance
OPENERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".xz": lzma.decompress,
    ".zst": lambda data: bytes(import_zstd().decompress(data)),
}


def forms(database: Database) -> dict[str, bytes]:
    """All forms in which the seed could be written, and the keys that are made of it."""
    scheme = database.scheme
    numbers = {"seed": SEED, "key of shingles": scheme.hash_key}
    found: dict[str, bytes] = {}
    for name, number in numbers.items():
        found |= {
            f"{name}, decimal": str(number).encode(),
            f"{name}, hexadecimal": f"{number:x}".encode(),
            f"{name}, capitals": f"{number:X}".encode(),
            f"{name}, little-endian": number.to_bytes(8, "little"),
            f"{name}, big-endian": number.to_bytes(8, "big"),
        }
    return found


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of all files, and what is packed in them."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if not file.is_file():
            continue
        data = file.read_bytes()
        yield data
        if file.suffix in OPENERS:
            yield OPENERS[file.suffix](data)
        elif zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as packed:
                yield from map(packed.read, packed.namelist())
        elif file.suffix == ".parquet":
            yield repr(pyarrow.parquet.read_table(file).to_pylist()).encode()


def check(where: str, data: bytes, forbidden: dict[str, bytes]) -> None:
    for form, digits in forbidden.items():
        assert digits not in data, f"{where} has the {form}"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secretive") / "nkwire.db"


@pytest.fixture(scope="module")
def secretive(stored: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{stored}", create=True, seed=SEED) as database:
        corpus.fill(database)
        assert database.scheme.seed == SEED
        yield database


def test_the_database_itself_has_the_seed_so_that_the_search_finds_it(
    secretive: Database, stored: Path
) -> None:
    both = stored.read_bytes() + Path(f"{stored}-wal").read_bytes()
    assert forms(secretive)["seed, decimal"] in both


@pytest.mark.parametrize("format", get_args(ExportFormat))
def test_no_export_has_the_seed(format: ExportFormat, secretive: Database, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    options = ExportOptions(on_problem=lambda _: None, recordings=[tmp_path])
    export(secretive, folder / f"export.{format}", format=format, options=options)
    found = list(contents(folder))
    assert found
    for data in found:
        check(format, data, forms(secretive))


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_no_snapshot_has_the_seed(format: str, secretive: Database, tmp_path: Path) -> None:
    request = SnapshotRequest(name="paper", format="parquet" if format == "parquet" else "jsonl")
    create_snapshot(secretive, tmp_path / "made", request)
    manifest = json.loads((tmp_path / "made/MANIFEST.json").read_text())
    assert manifest["dedup"], "a snapshot says how its stories were made"
    for data in contents(tmp_path / "made"):
        check("the snapshot", data, forms(secretive))


def test_no_page_has_the_seed(secretive: Database, stored: Path) -> None:
    options = WebOptions(database_url=f"sqlite:///{stored}", port=0, outlets=DECLARED)
    with serving(options) as running:
        shown = 0
        for address in EVERY_ADDRESS:
            answer = running.get(address)
            shown += answer.status == HTTPStatus.OK
            headers = repr(sorted(answer.headers.items())).encode()
            check(address, answer.body + headers, forms(secretive))
        assert shown > len(EVERY_ADDRESS) / 2
