"""Replaces the character references that other systems leave in short fields: `Q&amp;A`.

The references are those of HTML (13.5, named character references). Only references with their
semicolon count, so that `AT&T` and `?a=1&copy=2` stay.
"""

import html
import re

MAX_ROUNDS = 3  # `&amp;amp;amp;` is seen; more is not
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def replace_references(text: str) -> str:
    """Returns the text with characters in place of references, also of those escaped again."""
    for _ in range(MAX_ROUNDS):
        replaced = _REFERENCE.sub(lambda match: html.unescape(match[0]), text)
        if replaced == text:
            break
        text = replaced
    return text
