"""The separator and the names of columns are found out, or the file is refused in one line."""

import csv
import gzip
import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.export.formats.output_files import import_zstd
from storage.importers.files import check_files, import_suffix, read_articles
from storage.importers.jsonl_reader import BadLine
from storage.importers.tables.csv_rows import OPEN_QUOTE, UNFIT_QUOTES, iter_rows
from storage.importers.tables.form import TableOptions, TableRefused
from storage.records import Article

HEADER, ROW = ["url", "title", "text"], ["https://paper.example/1", "A kiln", "Rain; fell, on it."]


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    return path


def only(path: Path, options: TableOptions | None = None) -> Article:
    (found,) = read_articles(path, options=options or TableOptions())
    assert isinstance(found, Article)
    return found


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_any_usual_separator_is_found_out(tmp_path: Path, separator: str, name: str) -> None:
    rows = [separator.join(HEADER), separator.join(f'"{each}"' for each in ROW)]
    assert only(write(tmp_path / name, *rows)).text == ROW[2]


def test_another_separator_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "^".join(HEADER), "^".join(ROW))
    assert only(path, TableOptions(separator="^")).text == ROW[2]
    with pytest.raises(TableRefused):
        only(path)


def test_the_line_in_which_excel_names_the_separator_is_no_header(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "sep=;", ";".join(HEADER), "https://paper.example/1;T;x,y", ";;"
    )
    first, second = read_articles(path)
    assert isinstance(first, Article)
    assert (first.text, second) == ("x,y", BadLine(4, "no url"))


@pytest.mark.parametrize(
    "header",
    [
        "URL,Title,TEXT",
        ' url , "title" ,text',
        "\ufeff\ufeffurl,title,text",
        "Link,Headline,Body",
        "article_url,Article Title,Full-Text",
        "주소,제목,본문",
    ],
)
def test_names_of_columns_are_known_in_any_case_and_in_words_of_others(
    tmp_path: Path, header: str
) -> None:
    found = only(write(tmp_path / "a.csv", header, "https://paper.example/1,A kiln,Rain"))
    assert (found.url, found.title, found.text) == ("https://paper.example/1", "A kiln", "Rain")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["foo;bar", "1;2"], ["columns foo, bar", "semicolon", "UTF-8", "address (url)"]),
        (["title,text", "T,x"], ["columns title, text", "comma"]),
        (["url,date", "https://a.example/1,2026"], ["columns url, date"]),
        (["https://a.example/1,A title,Words"], ["columns https://a.example/1"]),
        ([",".join(f"c{n}" for n in range(99)), "1"], ["c0, c1", "and 69 more"]),
    ],
    ids=["other names", "no address", "no words", "no header", "many"],
)
def test_a_table_that_is_not_of_articles_is_refused_in_one_line(
    tmp_path: Path, lines: list[str], found: list[str]
) -> None:
    with pytest.raises(TableRefused) as refusal:
        check_files([write(tmp_path / "a.csv", *lines)])
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 600
    assert all(each in str(refusal.value) for each in found)


def test_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    assert list(read_articles(write(tmp_path / "a.csv"))) == []


def rows(number: int) -> list[str]:
    return [f"https://paper.example/{n},Kiln {n},Rain fell on kiln {n}." for n in range(number)]


@pytest.mark.parametrize("quoted_later", ["Kiln 50", '"Kiln, 50"', '"Kiln ""50"""', '""'])
@pytest.mark.parametrize("place", [0, 10, 98])
def test_a_quotation_mark_left_open_costs_its_row_only(
    tmp_path: Path, place: int, quoted_later: str
) -> None:
    lines = rows(100)
    lines[50] = lines[50].replace("Kiln 50", quoted_later)
    lines[place] = lines[place].replace(",Kiln", ',"Kiln')
    found = list(read_articles(write(tmp_path / "a.csv", ",".join(HEADER), *lines)))
    assert [each for each in found if isinstance(each, BadLine)] == [BadLine(place + 2, OPEN_QUOTE)]
    assert len(found) == 100


def test_a_quotation_mark_left_open_among_texts_of_several_lines_costs_its_row_only(
    tmp_path: Path,
) -> None:
    lines = [
        f'"https://paper.example/{n}","Kiln {n}","Rain, fell\non ""it"",\nand, ended."'
        for n in range(30)
    ]
    lines[10] = lines[10].removesuffix('"')
    lines[20] = lines[20].replace('"Kiln 20"', '"Kiln 20')
    found = list(read_articles(write(tmp_path / "a.csv", ",".join(HEADER), *lines)))
    bad = [each for each in found if isinstance(each, BadLine)]
    assert bad[:2] == [BadLine(32, OPEN_QUOTE), BadLine(62, UNFIT_QUOTES)]
    assert {each.number for each in bad[2:]} == {63, 64}  # the rest of the second one
    assert len(found) - len(bad) == 28


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ('"So" said Kim', '"So" said Kim'),
        ('"He said "so" and left"', 'He said "so" and left'),
        ('Kim said "so"', 'Kim said "so"'),
        ('"He said ""so"""', 'He said "so"'),
    ],
)
def test_quotation_marks_in_a_headline_stay(tmp_path: Path, cell: str, title: str) -> None:
    path = write(tmp_path / "a.tsv", "\t".join(HEADER), f"https://p.example/1\t{cell}\tRain")
    assert only(path).title == title


def test_the_last_row_with_an_open_quotation_mark_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ",".join(HEADER), *rows(2), 'https://p.example/9,T,"cut he')
    assert list(read_articles(path))[2] == BadLine(4, OPEN_QUOTE)


def test_a_comma_without_quotation_marks_is_reported_and_cuts_no_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ",".join(HEADER), "https://p.example/1,T,one, two", *rows(1))
    bad, good = read_articles(path)
    assert bad == BadLine(2, "wrong number of cells: 4 below 3 columns")
    assert isinstance(good, Article)


@pytest.mark.parametrize("name", ["a.tsv", "a.TSV.gz", "a.xlsx"])
def test_more_kinds_of_tables_are_known_by_name(name: str) -> None:
    assert import_suffix(Path(name))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('https://p.example/1,"T",x', "wrong number of cells: 3 below 4 columns"),
        ('https://p.example/1,"T,"Rain, fell",x', UNFIT_QUOTES),
        ("https://p.example/1,T", ""),
        ("https://p.example/1,T,x,,,,", ""),
    ],
)
def test_rows_that_may_be_cut_are_reported(tmp_path: Path, row: str, reason: str) -> None:
    path = write(tmp_path / "a.csv", ",".join([*HEADER, "lead"]), row)
    (found,) = read_articles(path)
    assert (found.reason if isinstance(found, BadLine) else "") == reason


@given(st.integers(2, 5), st.data())
def test_one_lost_quotation_mark_costs_two_rows_at_most(width: int, data: st.DataObject) -> None:
    texts = st.text('ab," \n', max_size=12).map(lambda text: f"w{text}")
    rows = [
        [f"https://p.example/{number}", *data.draw(st.lists(texts, min_size=width, max_size=width))]
        for number in range(12)
    ]
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["url", *map(str, range(width))], *rows])
    whole = file.getvalue()
    marks = [place for place, each in enumerate(whole) if each == '"' and place > whole.index("\n")]
    place = data.draw(st.sampled_from(marks))
    damaged = io.StringIO(whole[:place] + whole[place + 1 :], newline="")
    found = [list(row.values()) for _, row in iter_rows(damaged, 10_000) if isinstance(row, dict)]
    assert sum(row in found for row in rows) >= len(rows) - 2


@pytest.mark.parametrize(
    ("compress", "count"),
    [(gzip.compress, 60), (gzip.compress, 5_000), (import_zstd().compress, 5_000)],
    ids=["gzip, one block", "gzip", "zstd"],
)
def test_a_cut_packed_table_is_read_up_to_the_cut(
    tmp_path: Path, compress: Callable[[bytes], bytes], count: int
) -> None:
    lines = (
        f"https://p.example/{number},{sha256(b'%d' % number).hexdigest()},x\n"
        for number in range(count)
    )
    packed = compress(b"url,title,text\n" + "".join(lines).encode())
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed[: len(packed) * 4 // 5])
    *articles, last = read_articles(path)
    assert isinstance(last, BadLine)
    assert last.reason.startswith("the file is damaged from here on: ")
    assert len(articles) > count // 2
    assert all(isinstance(each, Article) for each in articles)


def test_packed_tables_are_read(tmp_path: Path) -> None:
    packed = gzip.compress("\t".join(HEADER).encode() + b"\nhttps://p.example/1\tT\tx\n")
    (tmp_path / "a.tsv.gz").write_bytes(packed)
    assert only(tmp_path / "a.tsv.gz").text == "x"
