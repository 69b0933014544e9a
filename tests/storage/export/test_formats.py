import csv
import gzip
import io
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pyarrow.dataset
import pyarrow.parquet
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from storage import Database
from storage.errors import CannotWrite, InvalidRequest, NotFound
from storage.export.export import ExportOptions, export
from storage.export.formats.columns import ARTICLE_COLUMNS, STORY_COLUMNS
from storage.export.formats.history_tables import VERSION_COLUMNS, build_history_tables
from storage.export.formats.output_files import import_zstd
from storage.export.formats.parquet import partition_name
from storage.export.formats.selection import open_selection
from storage.export.formats.sqlite import EXPORT_TABLES
from storage.export.sketch import estimate_resemblance, make_sketch
from storage.records import Article, Capture, Dateline, PageClass
from storage.reports.working_out import work_out
from storage.search.query import BadQuery

BODY = " ".join(
    f"Sentence {n} tells of the opening of factory {n * 7} in province {n}." for n in range(30)
)


@pytest.fixture
def filled(
    corpus: Database, make_article: Callable[..., Article], captured: Callable[..., Capture]
) -> Database:
    corpus.outlets.declare_ranks({"kcna": 0, "tass": 1})
    first = make_article(
        0,
        text=BODY,
        authors=("A, B", "C"),
        dateline=Dateline("Pyongyang", "March 1", "KCNA"),
        capture=captured(0),
    )
    corpus.save(
        [
            first,
            make_article(1, outlet="tass", text=BODY, rights="lead, see its terms"),
            make_article(50_000, outlet="tass", text="Short.", language="ru"),
            make_article(
                3, outlet="yonhap", title="미사일", text="", lead="…", page_class=PageClass.STUB
            ),
        ]
    )
    corpus.save([replace(first, text=BODY + " Edited.", capture=captured(60))])
    work_out(corpus)
    return corpus


def rows_of(database: Database, **wanted: Any) -> list[dict[str, Any]]:
    out = io.BytesIO()
    export(database, out, **wanted)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def urls(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["url"].rsplit("/", 1)[1]) for row in rows]


def test_a_row_has_the_declared_columns_in_their_order(filled: Database) -> None:
    assert {tuple(row) for row in rows_of(filled)} == {tuple(c.name for c in ARTICLE_COLUMNS)}
    assert {tuple(row) for row in rows_of(filled, collapse=True)} == {
        tuple(c.name for c in STORY_COLUMNS)
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"outlet": "tass"}, [1, 50_000]),
        ({"language": "ru"}, [50_000]),
        ({"status": "stub"}, [3]),
        ({"status": "whole"}, [0, 1, 50_000]),
        ({"status": "edited"}, [0]),
        ({"status": "live"}, [0, 1, 50_000, 3]),
        ({"status": "gone"}, []),
        ({"words": "미사일 OR short"}, [50_000, 3]),
        ({"words": '"opening of factory"', "outlet": "tass"}, [1]),
        ({"story": 1}, [0, 1]),
        ({"report": 1}, [0, 1]),
    ],
    ids=str,
)
def test_filters_say_which_articles_go_out(
    filled: Database, wanted: dict[str, Any], expected: list[int]
) -> None:
    assert urls(rows_of(filled, **wanted)) == expected


def test_collapsed_each_story_is_one_row_with_its_members(filled: Database) -> None:
    rows = rows_of(filled, collapse=True, words='"opening of factory"')
    assert [(row["size"], row["outlets"], row["report"]) for row in rows] == [
        (2, ["kcna", "tass"], 1)
    ]


def test_a_wrong_filter_is_told(filled: Database) -> None:
    with pytest.raises(BadQuery):
        rows_of(filled, words='"')
    with pytest.raises(NotFound, match="no report"):
        rows_of(filled, report=99)
    with pytest.raises(InvalidRequest, match="no such status"):
        rows_of(filled, status="odd")


def test_without_its_text_an_article_can_still_be_compared(filled: Database) -> None:
    full = rows_of(filled)
    lead = rows_of(filled, text="none")
    assert [row["text"] for row in lead] == [""] * 4
    assert [row["text"] != "" for row in full] == [True, False, True, False]
    assert [row["characters"] for row in full] == [row["characters"] for row in lead]
    assert estimate_resemblance(lead[0]["sketch"], full[1]["sketch"]) > 0.8
    assert (
        estimate_resemblance(
            lead[0]["sketch"], make_sketch("Nothing of the kind is told in this text.")
        )
        == 0
    )


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("newsplease", {"maintext", "date_publish", "date_download", "source_domain", "authors"}),
        ("mediacloud", {"stories_id", "publish_date", "media_name", "url", "title", "language"}),
    ],
)
def test_columns_can_have_the_names_of_others(
    filled: Database, fields: str, names: set[str]
) -> None:
    assert names <= set(rows_of(filled, options=ExportOptions(field_names=fields))[0])


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_pandas_reads_json_lines_packed_or_not(filled: Database, tmp_path: Path, name: str) -> None:
    assert export(filled, tmp_path / name) == 4
    raw = (tmp_path / name).read_bytes()
    opened = {".gz": gzip.decompress, ".zst": import_zstd().decompress}.get(
        Path(name).suffix, bytes
    )(raw)
    frame = pandas.read_json(io.BytesIO(opened), lines=True)
    assert frame.title.tolist() == ["Headline 0", "Headline 1", "Headline 50000", "미사일"]


def test_pandas_and_csv_read_csv(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    export(filled, out, format="csv", options=ExportOptions(bom=True))
    frame = pandas.read_csv(out, keep_default_na=False)
    assert list(frame.columns) == [column.name for column in ARTICLE_COLUMNS]
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["text"] == BODY + " Edited."
    assert rows[0]["published_at"] == "2026-03-01T12:00:00Z"


def test_pyarrow_and_duckdb_read_parquet(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "a.parquet"
    export(filled, out, format="parquet")
    read = pyarrow.parquet.read_table(out)
    assert read.schema.field("published_at").type == pyarrow.timestamp("us", tz="UTC")
    assert read.column("authors").to_pylist()[0] == ["A, B", "C"]
    assert read.column("dateline").to_pylist()[0]["place"] == "Pyongyang"
    asked = f"SELECT outlet, count(*) FROM '{out}' GROUP BY 1 ORDER BY 1"
    counted = duckdb.connect().execute(asked).fetchall()
    assert counted == [("kcna", 1), ("tass", 2), ("yonhap", 1)]


def test_partitions_are_read_back_as_one_dataset(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "folder"
    assert export(filled, out, format="parquet", options=ExportOptions(partition=True)) == 4
    read = pyarrow.dataset.dataset(out, partitioning="hive").to_table()
    found = sorted(
        zip(read.column("outlet").to_pylist(), read.column("month").to_pylist(), strict=True)
    )
    assert found == [
        ("kcna", "2026-03"),
        ("tass", "2026-03"),
        ("tass", "2026-04"),
        ("yonhap", "2026-03"),
    ]


def test_sqlite_reads_the_file_and_finds_what_each_column_means(
    filled: Database, tmp_path: Path
) -> None:
    out = tmp_path / "a.sqlite"
    export(filled, out, format="sqlite")
    connection = sqlite3.connect(out)
    try:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (4,)
        joined = (
            "SELECT stories.title FROM articles JOIN stories USING (story) WHERE articles.id = 2"
        )
        assert connection.execute(joined).fetchone() == ("Headline 0",)
        assert connection.execute("SELECT kind FROM relations").fetchall() != []
        described = 'SELECT count(*) FROM columns WHERE "table" = ?'
        assert connection.execute(described, ["articles"]).fetchone() == (len(ARTICLE_COLUMNS),)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


def test_the_wordings_of_an_edited_article_go_along_as_its_rights_allow(
    filled: Database, make_article: Callable[..., Article], captured: Callable[..., Capture]
) -> None:
    shut = make_article(1, outlet="tass", text=BODY, rights="lead, see its terms")
    filled.save([replace(shut, text=BODY + " Later.", capture=captured(30))])
    with open_selection(filled) as selection:
        rows = list(build_history_tables(selection)["versions"])
    assert [(r["article"], r["place"], r["current"]) for r in rows] == [
        (1, 1, False),
        (1, 2, True),
        (2, 1, False),
        (2, 2, True),
    ]
    assert [row["text"] for row in rows] == [BODY, BODY + " Edited.", "", ""]
    more = [0, len(" Edited."), 0, len(" Later.")]
    assert [row["characters"] - len(BODY) for row in rows] == more
    assert estimate_resemblance(rows[0]["sketch"] or make_sketch(BODY), rows[2]["sketch"]) == 1
    assert {tuple(row) for row in rows} == {tuple(c.name for c in VERSION_COLUMNS)}


def test_the_datasets_folder_names_its_files(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "folder"
    assert export(filled, out, format="datasets") == 4
    head = (out / "README.md").read_text().split("---\n")[1]
    paths = [line.split(": ")[1] for line in head.splitlines() if "path:" in line]
    assert [len(list(out.glob(path))) for path in paths] == [1] * len(EXPORT_TABLES)
    assert pyarrow.parquet.read_table(out / "data/stories-00000.parquet").num_rows == 3


def test_load_dataset_loads_each_table_of_the_folder(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip(
        "datasets", reason="Hugging Face datasets is not installed: extra test-readers"
    )
    folder, cache = str(tmp_path / "folder"), str(tmp_path / "cache")
    export(filled, tmp_path / "folder", format="datasets")
    assert set(datasets.get_dataset_config_names(folder)) == set(EXPORT_TABLES)
    loaded = {
        name: datasets.load_dataset(folder, name, split="train", cache_dir=cache)
        for name in ("articles", "stories", "relations", "versions")
    }
    assert loaded["articles"].column_names == [column.name for column in ARTICLE_COLUMNS]
    assert loaded["articles"]["title"][:] == [row["title"] for row in rows_of(filled)]
    assert loaded["articles"][0]["published_at"].tzinfo is not None
    assert loaded["stories"]["members"][:] == [[1, 2], [3], [4]]
    assert loaded["versions"]["place"][:] == [1, 2]


def test_a_warc_reader_reads_the_pages_of_the_selected_articles(
    sqlite_corpus: Database,
    make_article: Callable[..., Article],
    captured: Callable[..., Capture],
    tmp_path: Path,
) -> None:
    members = [gzip.compress(_record(n), mtime=0) for n in range(3)]
    (tmp_path / "run.warc.gz").write_bytes(b"".join(members))
    offsets = [sum(map(len, members[:n])) for n in range(3)]
    for n, outlet in enumerate(["kcna", "tass", "kcna"]):
        page = captured(n, warc_file="run.warc.gz", warc_offset=offsets[n])
        sqlite_corpus.save([make_article(n, outlet=outlet, capture=page)])
    out, shape = tmp_path / "out.warc.gz", ExportOptions(recordings=[tmp_path])
    # The name ends in .gz, but the members are packed already.
    assert export(sqlite_corpus, out, format="warc", options=shape, outlet="kcna") == 2
    with out.open("rb") as file:
        found = [
            (record.record_type, record.reader.read())
            for record in ArchiveIterator(file, parse_http=True)
        ]
    assert [body for kind, body in found if kind == WarcRecordType.response] == [
        b"page 0",
        b"page 2",
    ]


@pytest.mark.parametrize(
    ("name", "offset", "says"),
    [
        ("gone.warc.gz", 0, "gone"),
        ("../outside.warc.gz", 0, "outside"),
        ("text.warc.gz", 0, "not a gzipped"),
        ("cut.warc.gz", 0, "damaged"),
    ],
)
def test_a_page_that_cannot_be_copied_is_told_and_nothing_is_written(
    sqlite_corpus: Database,
    make_article: Callable[..., Article],
    captured: Callable[..., Capture],
    tmp_path: Path,
    name: str,
    offset: int,
    says: str,
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.warc.gz").write_bytes(gzip.compress(_record(0)))
    (tmp_path / "in/text.warc.gz").write_bytes(_record(0))
    (tmp_path / "in/cut.warc.gz").write_bytes(gzip.compress(_record(0))[:-9])
    page = captured(0, warc_file=name, warc_offset=offset)
    sqlite_corpus.save([make_article(0, capture=page)])
    out = tmp_path / "out.warc.gz"
    with pytest.raises(CannotWrite, match=says):
        export(
            sqlite_corpus,
            out,
            format="warc",
            options=ExportOptions(recordings=[tmp_path / "in"]),
        )
    assert not out.exists()


@pytest.mark.threats("S15")
@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "../x",
        "/etc/passwd",
        "a\\b",
        "CON",
        "x" * 400,
        "\u202ekcna",
        "a b",
        "한국" * 60,
        "a=b",
        "%2e%2e",
    ],
)
def test_no_outlet_name_leads_out_of_the_folder(name: str) -> None:
    safe = partition_name(name)
    assert "/" not in safe
    assert "\\" not in safe
    assert safe not in ("", ".", "..")
    assert len(safe.encode()) <= 160


def _record(n: int) -> bytes:
    body = f"page {n}".encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{n:012}>\r\n"
        f"WARC-Target-URI: https://example.org/{n}\r\nWARC-Date: 2026-03-01T12:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"
