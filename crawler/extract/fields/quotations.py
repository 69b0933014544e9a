"""Finds the passages of a line that stand between quotation marks or brackets, in any script."""

# Some closing marks also open: »Zitat« in German, »citat» in Swedish, „cytat” in Polish.
_CLOSERS = {
    "«": "»", "»": "«»", "‹": "›", "›": "‹›", "“": "”", "„": "“”", "”": "”", "‟": "”", "‘": "’",
    "‚": "‘’", "「": "」", "『": "』", "｢": "｣", "〈": "〉", "《": "》", "⟨": "⟩", "【": "】",
    "〔": "〕", "〖": "〗", "〝": "〞〟", "(": ")", "（": "）", "[": "]", "［": "］", "{": "}",
    "｛": "｝", "<": ">", "＜": "＞", '"': '"', "'": "'", "＂": "＂", "❝": "❞", "‛": "’",
}  # fmt: skip
_MARKS = frozenset(_CLOSERS) | frozenset("".join(_CLOSERS.values()))
# These are also bars between a headline and a site's name, comparison signs or apostrophes.
_AMBIGUOUS_OPENERS = frozenset("»›”<'\"＂")
_APOSTROPHES = frozenset("'’‘")
_MAX_DEPTH = 16


def quoted_passages(text: str) -> list[tuple[int, int]]:
    """Returns start and end (after the closing mark) of each passage between two marks of a pair.

    A passage inside another one is not listed. A mark without its partner opens nothing.
    """
    passages: list[tuple[int, int]] = []
    open_marks: list[tuple[str, int]] = []
    for index, mark in enumerate(text):
        if mark not in _MARKS:
            continue
        depth = _depth_of_partner(text, index, open_marks)
        if depth >= 0:
            start = open_marks[depth][1]
            del open_marks[depth:]
            while passages and passages[-1][0] > start:
                passages.pop()
            passages.append((start, index + 1))
        elif _opens(text, index) and len(open_marks) < _MAX_DEPTH:
            open_marks.append((mark, index))
    return passages


def _depth_of_partner(text: str, index: int, open_marks: list[tuple[str, int]]) -> int:
    """Returns which of the open marks a mark closes, as an index; -1 if none."""
    mark = text[index]
    if mark in _APOSTROPHES and _is_letter(text, index - 1) and _is_letter(text, index + 1):
        return -1
    for depth in range(len(open_marks) - 1, -1, -1):
        opener, start = open_marks[depth]
        if mark in _CLOSERS[opener] and not (
            opener in _AMBIGUOUS_OPENERS and (text[index - 1].isspace() or start + 1 == index)
        ):
            return depth
    return -1


def _opens(text: str, index: int) -> bool:
    mark = text[index]
    if mark not in _CLOSERS:
        return False
    if mark not in _AMBIGUOUS_OPENERS:
        return True
    # An opening mark touches the word behind it and no Latin, Cyrillic or Hangul word before it.
    return (
        index + 1 < len(text) and not text[index + 1].isspace() and not _is_letter(text, index - 1)
    )


def _is_letter(text: str, index: int) -> bool:
    """Returns whether a letter or digit stands there, of a script that parts words by spaces."""
    return (
        0 <= index < len(text) and text[index].isalnum() and not "\u3040" <= text[index] <= "\u9fff"
    )
