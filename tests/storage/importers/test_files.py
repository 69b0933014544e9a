import csv
import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Database
from storage.export.export import ExportFormat, ExportOptions, export
from storage.export.formats.output_files import import_zstd
from storage.importers.files import import_suffix, read_articles
from storage.importers.jsonl_reader import BadLine
from storage.importers.tables.form import TableRefused
from storage.records import Article, Capture, Dateline, Exported, PageClass

BODY = " ".join(
    f"Sentence {n} tells of the opening of factory {n * 7} in province {n}." for n in range(30)
)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEWS_PLEASE = {
    "authors": ["A. Writer"],
    "date_download": "2026-03-01 12:10:00",
    "date_modify": None,
    "date_publish": "2026-03-01 12:00:00",
    "description": "What it is about",
    "filename": "x.json",
    "image_url": None,
    "language": "en",
    "maintext": BODY,
    "source_domain": "www.example.org",
    "title": "A headline",
    "title_page": None,
    "url": "https://www.example.org/a",
}
FUNDUS = {
    "title": "A headline",
    "authors": ["A. Writer"],
    "body": {
        "summary": ["What it is about"],
        "sections": [
            {"headline": [], "paragraphs": ["First.", "Second."]},
            {"headline": ["More"], "paragraphs": ["Third."]},
        ],
    },
    "publishing_date": "2026-03-01 12:00:00+00:00",
    "topics": ["Politics"],
    "html": {
        "requested_url": "https://www.example.org/a?x",
        "responded_url": "https://www.example.org/a",
        "crawl_date": "2026-03-01 12:10:00+00:00",
        "source_info": {"publisher": "The Example"},
    },
}
MEDIA_CLOUD = """\
id,indexed_date,language,media_name,media_url,publish_date,title,url
abc,2026-03-01 12:10:00,en,example.org,example.org,2026-03-01,A headline,https://www.example.org/a
def,2026-03-01 12:10:00,en,example.org,example.org,2026-03-01,,https://www.example.org/b
"""


def only(path: Path) -> Article:
    (found,) = read_articles(path)
    assert isinstance(found, Article)
    return found


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def test_news_please_writes_one_article_a_file(tmp_path: Path) -> None:
    found = only(write(tmp_path / "a.json", NEWS_PLEASE))
    assert (found.title, found.text, found.published_at) == ("A headline", BODY, AT)
    assert (found.outlet, found.authors, found.lead) == (
        "example.org",
        ("A. Writer",),
        "What it is about",
    )


def test_fundus_writes_a_list_of_articles_with_sections(tmp_path: Path) -> None:
    first, second = read_articles(write(tmp_path / "a.json", [FUNDUS, FUNDUS | {"body": None}]))
    assert isinstance(first, Article)
    assert first.text == "What it is about\nFirst.\nSecond.\nMore\nThird."
    assert (first.url, first.outlet) == ("https://www.example.org/a", "The Example")
    assert (first.published_at, first.tags) == (AT, ("Politics",))
    assert isinstance(second, Article)
    assert second.text == ""


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.json.gz", "a.ndjson", "a.parquet"])
def test_fundus_is_understood_in_every_format(tmp_path: Path, name: str) -> None:
    if name == "a.parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([FUNDUS]), tmp_path / name)
    else:
        pack = gzip.compress if name.endswith(".gz") else bytes
        (tmp_path / name).write_bytes(pack(json.dumps(FUNDUS).encode()))
    found = only(tmp_path / name)
    assert found == only(write(tmp_path / "same.json", [FUNDUS]))
    assert (found.text[:16], found.published_at) == ("What it is about", AT)


def test_media_clouds_stories_have_no_text_and_are_stubs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(MEDIA_CLOUD)
    first, second = read_articles(tmp_path / "a.csv")
    assert isinstance(first, Article)
    assert (first.page_class, first.external_id) == (PageClass.STUB, "abc")
    assert second == BadLine(3, "neither title nor text")


@pytest.mark.parametrize(
    "packer", [gzip.compress, import_zstd().compress, bytes], ids=["gz", "zst", "plain"]
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_packed_files_are_told_by_their_first_bytes(
    tmp_path: Path, packer: Callable[[bytes], bytes], name: str
) -> None:
    row = {"url": "https://example.org/1", "title": "t", "text": "x"}
    as_csv = b"url,title,text\nhttps://example.org/1,t,x\n"
    (tmp_path / name).write_bytes(packer(as_csv if name == "a.csv" else json.dumps(row).encode()))
    assert only(tmp_path / name).title == "t"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.json", b"{", "not JSON"),
        ("a.json", b"[1]", "not an object but int"),
        ("a.json", gzip.compress(b"{}", mtime=0)[:-5], "not JSON"),
        ("a.csv", gzip.compress(b"url,title\n" + b"x" * 99, mtime=0)[:-5], "damaged"),
        ("a.csv", b"url,title\n,only\n", "no url"),
        ("a.parquet", b"PAR1 no", "not a sound Parquet file"),
        ("a.jsonl.zst", import_zstd().compress(b"{}" * 99)[:-5], "damaged"),
    ],
)
def test_a_damaged_file_is_told_in_one_line(
    tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(data)
    (bad,) = read_articles(tmp_path / name)
    assert isinstance(bad, BadLine)
    assert says in bad.reason
    assert "\n" not in bad.reason


def test_parquet_of_others_comes_in_with_its_types(tmp_path: Path) -> None:
    rows = [{"url": "https://example.org/1", "title": "t", "text": "x", "published_at": AT}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert only(tmp_path / "a.parquet").published_at == AT


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.jsonl", ".jsonl"),
        ("a.b.CSV.gz", ".csv"),
        ("a.json.zst", ".json"),
        ("a.txt", ""),
        ("a", ""),
        (".csv", ""),
    ],
)
def test_the_name_tells_the_form(name: str, form: str) -> None:
    assert import_suffix(Path(name)) == form


@given(
    st.binary(max_size=300),
    st.sampled_from(["a.json", "a.csv", "a.tsv", "a.xlsx", "a.parquet", "a.jsonl"]),
)
@settings(max_examples=60)
def test_any_bytes_are_read_to_their_end(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(data)
    with suppress(TableRefused):
        assert all(isinstance(each, Article | BadLine) for each in read_articles(path))


ROUND: list[tuple[ExportFormat, str]] = [
    ("jsonl", "a.jsonl.gz"),
    ("jsonl", "a.jsonl.zst"),
    ("parquet", "a.parquet"),
    ("csv", "a.csv"),
]


@pytest.fixture
def articles(make_article: Callable[..., Article]) -> list[Article]:
    return [
        make_article(0, text=BODY, authors=("A", "B"), captions=("One", "Two"), key="k0"),
        make_article(1, outlet="tass", text=BODY + " More.", external_id="x1", tags=("t",)),
        make_article(2, outlet="=yonhap", title="=1+1", text="'=2\n미사일 발사", section="@s"),
        make_article(3, outlet="tass", text="", lead="short", page_class=PageClass.STUB),
        make_article(4, published_at=None, last_poll_without_at=AT, rights="full, see terms"),
    ]


@pytest.mark.parametrize(("format", "name"), ROUND, ids=[name for _, name in ROUND])
def test_out_and_in_again_gives_the_same_corpus_byte_for_byte(
    corpus: Database,
    open_corpus: Callable[..., Database],
    articles: list[Article],
    tmp_path: Path,
    format: ExportFormat,
    name: str,
) -> None:
    corpus.outlets.declare_ranks({"kcna": 0})
    corpus.save(articles)
    export(corpus, tmp_path / name, format=format)
    again = open_corpus(f"sqlite:///{tmp_path / 'again.db'}")
    again.outlets.declare_ranks({"kcna": 0})
    taken = list(read_articles(tmp_path / name))
    assert not [each for each in taken if isinstance(each, BadLine)]
    again.save([each for each in taken if isinstance(each, Article)])
    for collapse in (False, True):
        for database, out in ((corpus, "one"), (again, "two")):
            export(database, tmp_path / out, collapse=collapse)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.fixture
def crawled(
    sqlite_corpus: Database,
    make_article: Callable[..., Article],
    captured: Callable[..., Capture],
) -> Database:
    """Articles that were fetched several times: unchanged, edited, edited back, imported and edited."""
    sqlite_corpus.outlets.declare_ranks({"kcna": 0})
    kept = make_article(0, text=BODY)
    edited, back = make_article(1, outlet="tass", text=BODY), make_article(2, key="k", text="One.")
    imported = make_article(3, title="=1+1", text="From elsewhere.")
    sqlite_corpus.save(
        [replace(each, capture=captured(10)) for each in (kept, edited, back)] + [imported]
    )
    later: list[tuple[Article, int, dict[str, Any]]] = [
        (kept, 200, {}),
        (edited, 100, {"text": BODY + " More."}),
        (edited, 300, {"text": BODY + " More."}),
        (back, 100, {"title": "Two"}),
        (back, 200, {}),
        (imported, 50, {"text": "From the page."}),
    ]
    for whose, minutes, change in later:
        sqlite_corpus.save([replace(whose, capture=captured(minutes), **change)])
    return sqlite_corpus


@pytest.mark.parametrize(("format", "name"), ROUND, ids=[name for _, name in ROUND])
def test_earlier_wordings_go_out_and_come_in_again(
    crawled: Database,
    open_corpus: Callable[..., Database],
    tmp_path: Path,
    format: ExportFormat,
    name: str,
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    export(crawled, tmp_path / "one" / name, format=format)
    again = open_corpus(f"sqlite:///{tmp_path / 'again.db'}")
    again.outlets.declare_ranks({"kcna": 0})
    again.save([a for a in read_articles(tmp_path / "one" / name) if isinstance(a, Article)])
    export(again, tmp_path / "two" / name, format=format)
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    for article in crawled.articles.iter():
        if len(crawled.articles.versions(article.id)) > 1:
            one, two = (database.articles.versions(article.id) for database in (crawled, again))
            assert [(v.title, v.text, v.captured_at, v.current) for v in one] == [
                (v.title, v.text, v.captured_at, v.current) for v in two
            ]


@pytest.mark.parametrize("fields", ["newsplease", "mediacloud"])
def test_an_export_under_other_names_comes_in_again(
    sqlite_corpus: Database, make_article: Callable[..., Article], tmp_path: Path, fields: str
) -> None:
    sqlite_corpus.save([make_article(0, text=BODY, dateline=Dateline("Seoul", "", "Yonhap"))])
    export(sqlite_corpus, tmp_path / "a.jsonl", options=ExportOptions(field_names=fields))
    found = only(tmp_path / "a.jsonl")
    assert (found.title, found.text, found.published_at) == ("Headline 0", BODY, AT)
    assert found.exported is not None
    assert (found.exported.id, found.exported.published_at) == (1, AT)


def test_a_csv_of_ours_does_not_take_its_marks_for_text(
    sqlite_corpus: Database, make_article: Callable[..., Article], tmp_path: Path
) -> None:
    sqlite_corpus.save([make_article(0)])
    export(sqlite_corpus, tmp_path / "a.csv", format="csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["lead"] == "true"
    assert only(tmp_path / "a.csv").lead == ""


def test_a_csv_of_ours_brings_the_parts_of_a_dateline(
    sqlite_corpus: Database, make_article: Callable[..., Article], tmp_path: Path
) -> None:
    printed = Dateline("Seoul, Korea", "", "Yonhap")
    sqlite_corpus.save([make_article(0, dateline=printed)])
    export(sqlite_corpus, tmp_path / "a.csv", format="csv")
    assert only(tmp_path / "a.csv").dateline == printed


def test_an_export_says_when_an_article_was_really_seen(
    sqlite_corpus: Database, make_article: Callable[..., Article], tmp_path: Path
) -> None:
    sqlite_corpus.save([make_article(0, first_seen_at=None)])
    export(sqlite_corpus, tmp_path / "a.jsonl")
    found = only(tmp_path / "a.jsonl")
    assert found.first_seen_at is not None
    assert found.exported is not None
    assert (found.exported.seen_at, found.exported.outlet_rank) == (None, 9)


@pytest.mark.parametrize(
    "damage",
    [{"identity": "short"}, {"identity": None}, {"identity": "Z" * 64}, {"identity": 7}],
    ids=str,
)
def test_a_row_without_an_identity_is_read_as_one_of_another_origin(
    tmp_path: Path, damage: dict[str, Any]
) -> None:
    row = {
        "url": "https://a.test/1",
        "title": "T",
        "text": BODY,
        "outlet": "a",
        "id": 3,
        "story": 9,
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(row | damage))
    assert only(tmp_path / "a.jsonl").exported is None


def test_numbers_that_cannot_be_are_none(tmp_path: Path) -> None:
    row = {
        "url": "https://a.test/1",
        "title": "T",
        "text": BODY,
        "outlet": "a",
        "identity": "0" * 64,
        "id": -3,
        "story": 10**30,
        "outlet_rank": 10**12,
        "seen_at": "yesterday",
        "published_precision": "century",
        "version": True,
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    found = only(tmp_path / "a.jsonl").exported
    assert found == Exported(id=0, story=0, identity="0" * 64, seen_at=None, outlet_rank=None)
