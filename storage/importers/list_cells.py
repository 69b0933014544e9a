"""Reads lists that were written into one cell: `['A', 'B']` as pandas does, or `["A", "B"]`. No I/O."""

import re

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""", re.DOTALL)
_BETWEEN = re.compile(r"(?:[\s,]|None|nan)*+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
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
        texts.append(_ESCAPED.sub(_unescape, quoted[0][1:-1]))
        end = quoted.end()


def _unescape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])
