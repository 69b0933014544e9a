"""Reads lists that were written into one cell: `['A', 'B']` as pandas does, or `["A", "B"]`. No I/O."""

import re

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""", re.DOTALL)
_BETWEEN = re.compile(r"(?:[\s,]|None|nan)*+")
_CODE = r"x[\da-fA-F]{2}|u[\da-fA-F]{4}|U00(?:0[\da-fA-F]|10)[\da-fA-F]{4}"
_ESCAPED = re.compile(rf"\\({_CODE}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_BRACKETS = {"[": "]", "(": ")", "{": "}"}


def parse_list_cell(cell: str) -> list[str] | None:
    """Returns the texts of a list as Python, numpy or JSON print it; None if the cell is no list.

    numpy puts no commas between the texts.
    """
    inside = cell.strip()
    if _BRACKETS.get(inside[:1]) != inside[-1:] or len(inside) < 2:
        return None
    inside = inside[1:-1]
    texts: list[str] = []
    end = 0
    while True:
        between = _BETWEEN.match(inside, end)
        end = between.end() if between else end
        quoted = _QUOTED.match(inside, end)
        if quoted is None:
            return texts if end == len(inside) else None
        text = _ESCAPED.sub(_unescape, quoted[0][1:-1])
        # JSON writes characters beyond U+FFFF as two halves.
        texts.append(text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))
        end = quoted.end()


def _unescape(found: re.Match[str]) -> str:
    escape = found[1]
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, escape)
