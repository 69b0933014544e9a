import json
from contextlib import redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from cli.show.printing import dumps, print_table
from cli.show.streams import GuardedStream, PrintableBytes, SafeConsole
from storage.clean import printable

pytestmark = pytest.mark.threats("S14")
HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202egnp \u061c\u200b\u2066x\u2069 \ufff9\U000e0041\U000e007f"
    " \u3164\ufeff\u2060\u2028\u180e\ue000 \ud800 a\rb\x7f"
)
CONTROLS = set(
    "\x1b\x07\x9b\u202e\u061c\u200b\u2066\u2069\ufff9\U000e0041\u3164\ufeff\u2060\u2028\u180e\ue000\r\x7f"
)
ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@given(ANY_TEXT)
def test_whatever_is_written_is_printable(text: str) -> None:
    raw = BytesIO()
    stream = GuardedStream(TextIOWrapper(raw, "utf-8", write_through=True, newline=""), printable)
    print(text, file=stream)
    assert raw.getvalue().decode() == printable(text) + "\n"
    assert stream.write(text) == len(text)


@given(ANY_TEXT)
def test_a_console_draws_no_control_of_a_text(text: str) -> None:
    raw = BytesIO()
    file = TextIOWrapper(raw, "utf-8", write_through=True, newline="")
    SafeConsole(file=file, width=200, force_terminal=False).print(Text(text))
    assert all(
        c.isprintable() or c in "\n\t\u200c\u200d" or c.isspace() for c in raw.getvalue().decode()
    )
    assert "\x1b" not in raw.getvalue().decode()


def test_data_on_a_terminal_is_made_safe() -> None:
    raw = BytesIO()
    file = TextIOWrapper(raw, "utf-8", write_through=True, newline="")
    PrintableBytes(file).write(b'{"a":"' + "\u202e".encode() + b'\x1b"}\n\xff')
    assert raw.getvalue() == b'{"a":"\\u202e\\x1b"}\n\\xff'


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=4))
def test_each_row_of_a_table_is_one_line(rows: list[tuple[str, str]]) -> None:
    with redirect_stdout(StringIO()) as out:
        print_table(("one", "~two"), rows)
    assert len(out.getvalue().split("\n")) == len(rows) + 2


def test_columns_stand_under_each_other_in_every_script(capsys: pytest.CaptureFixture[str]) -> None:
    titles = [
        "plain",
        "조선중앙통신",
        "中央社",
        "e\u0301te\u0301",
        "ｱｲｳ",
        "می\u200cروم",
        "👩\u200d👧",
        "क्\u200dष",
        "☢\ufe0f x",
    ]
    print_table(("title", "then"), [(title, "|") for title in titles])
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len({cell_len(line.partition("|")[0]) for line in lines}) == 1


def test_json_has_no_hidden_character() -> None:
    document = dumps({"title": HOSTILE, "조": ["선", HOSTILE]}, indent=2)
    assert not CONTROLS & set(document)
    assert json.loads(document)["title"] == HOSTILE
    assert "조" in document
