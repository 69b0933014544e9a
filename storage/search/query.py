"""What a person writes into a search, understood once and put to either database. Pure.

    kim jong un         all of these words, anywhere in title or text
    "kim jong un"       these words in this order
    missile OR rocket   either (capitals)
    -drill, NOT drill   none of these
    missil*             words that begin so
    (a OR b) c          parentheses

Korean, Chinese and Japanese words are found inside longer ones: `미사일` finds `미사일을` and
`탄도미사일`. Words that stand next to each other without a space are one word to the outlet and one
phrase here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from storage.clean import clean_line
from storage.errors import StorageError
from storage.search.tokens import LONGEST_TOKEN, fold, runs

LONGEST = 1000
MOST_TOKENS = 256
_DEEPEST = 30

_LEXEME = re.compile(r'"([^"]*)("?)(\*?)|(\()|(\))|(-?[^\s()"]+)')


class BadQuery(StorageError):
    """A search that cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow each other; with `prefix` the last is the beginning of one."""

    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Everything of `parts`, and nothing of `without`. `parts` is never empty."""

    parts: tuple["Node", ...]
    without: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of `parts`."""

    parts: tuple["Node", ...]


Node: TypeAlias = Phrase | All | Either


def parse(text: str) -> Node:
    """The query. Raises BadQuery."""
    if len(text) > LONGEST:
        raise BadQuery(f"a search of {len(text):,} characters: at most {LONGEST:,}")
    reader = _Reader(list(_lexemes(clean_line(text))))
    node = reader.either()
    if reader.left:
        raise BadQuery(
            "a ')' closes nothing: put the words in quotes to search for them as they are"
        )
    if node is None:
        raise BadQuery("nothing to search for: write at least one word")
    if sum(len(phrase.tokens) for phrase in phrases(node)) > MOST_TOKENS:
        raise BadQuery(f"too many words: at most about {MOST_TOKENS}")
    return node


def phrases(node: Node, *, wanted: bool = False) -> Iterator[Phrase]:
    """All phrases of a query; with `wanted` only those that may be in what is found."""
    match node:
        case Phrase():
            yield node
        case All():
            for part in node.parts if wanted else node.parts + node.without:
                yield from phrases(part, wanted=wanted)
        case Either():
            for part in node.parts:
                yield from phrases(part, wanted=wanted)


def phrase_of(text: str, *, prefix: bool = False) -> Phrase | None:
    """The tokens to look for, None for text without letters or digits.

    A run of Hangul, Han or kana may begin inside a longer one; unless more follows it may end there too.
    """
    folded = fold(text)
    found = runs(folded)
    wanted: list[str] = []
    for place, (cjk, start, end) in enumerate(found):
        last = place == len(found) - 1
        word = folded[start:end]
        if not cjk:
            wanted.append(word[:LONGEST_TOKEN])
            continue
        wanted += [word[i : i + 2] for i in range(len(word) - (last and len(word) > 1))]
        prefix = prefix if not last else len(word) == 1
    return Phrase(tuple(wanted), prefix) if wanted else None


def holds(node: Node, fields: Sequence[Sequence[str]]) -> bool:
    """Whether tokenised fields are what the query asks for. Says what both databases must answer."""
    return _holds(node, [f" {' '.join(tokens)} " for tokens in fields])


def is_exact(node: Node) -> bool:
    """Whether the words alone decide, in whatever order they are."""
    return all(len(phrase.tokens) == 1 for phrase in phrases(node))


def for_sqlite(node: Node) -> str:
    """The query in the language of FTS5."""
    match node:
        case Phrase():
            return f'"{" ".join(node.tokens)}"' + (" *" if node.prefix else "")
        case Either():
            return "(" + " OR ".join(for_sqlite(part) for part in node.parts) + ")"
        case All():
            whole = "(" + " AND ".join(for_sqlite(part) for part in node.parts) + ")"
            for part in node.without:
                whole = f"({whole} NOT {for_sqlite(part)})"
            return whole


def for_postgresql(node: Node) -> str:
    """A tsquery for all articles that may be meant: phrases are asked for as words in any order."""
    match node:
        case Phrase():
            words = [f"'{token}'" for token in node.tokens]
            words[-1] += ":*" if node.prefix else ""
            return "(" + " & ".join(words) + ")"
        case Either():
            return "(" + " | ".join(for_postgresql(part) for part in node.parts) + ")"
        case All():
            whole = [for_postgresql(part) for part in node.parts]
            whole += [f"!{for_postgresql(part)}" for part in node.without if is_exact(part)]
            return "(" + " & ".join(whole) + ")"


def _holds(node: Node, fields: Sequence[str]) -> bool:
    match node:
        case Phrase():
            wanted = f" {' '.join(node.tokens)}" + ("" if node.prefix else " ")
            return any(wanted in field for field in fields)
        case Either():
            return any(_holds(part, fields) for part in node.parts)
        case All():
            return all(_holds(part, fields) for part in node.parts) and not any(
                _holds(part, fields) for part in node.without
            )


@dataclass(frozen=True, slots=True)
class _Lexeme:
    """`kind`: ( ) OR AND NOT or word. `negated`: a minus sign stands before it."""

    kind: str
    text: str = ""
    prefix: bool = False


def _lexemes(text: str) -> Iterator[_Lexeme]:
    for found in _LEXEME.finditer(text.replace("“", '"').replace("”", '"')):
        quoted, closed, star, opens, closes, word = found.groups()
        if quoted is not None:
            if not closed:
                raise BadQuery('a quotation mark (") is not closed')
            yield _Lexeme("word", quoted, bool(star))
        elif opens or closes:
            yield _Lexeme(opens or closes)
        elif word in ("OR", "AND", "NOT"):
            yield _Lexeme(word)
        elif word.startswith("-"):
            yield _Lexeme("NOT")
            if rest := word[1:]:
                yield _Lexeme("word", rest, rest.endswith("*"))
        else:
            yield _Lexeme("word", word, word.endswith("*"))


class _Reader:
    """Reads lexemes by recursive descent; a part without any letters reads as None."""

    def __init__(self, lexemes: list[_Lexeme]) -> None:
        self.left = lexemes[::-1]
        self._depth = 0

    def either(self) -> Node | None:
        parts = [self._all()]
        while self._take("OR"):
            if not self.left or self.left[-1].kind in (")", "OR"):
                raise BadQuery("OR needs words on both sides")
            parts.append(self._all())
        found = [part for part in parts if part is not None]
        return found[0] if len(found) == 1 else Either(tuple(found)) if found else None

    def _all(self) -> Node | None:
        parts: list[Node] = []
        without: list[Node] = []
        while self.left and self.left[-1].kind not in (")", "OR"):
            if self._take("AND"):
                continue
            into = without if self._take("NOT") else parts
            node = self._one()
            if node is not None:
                into.append(node)
        if without and not parts:
            raise BadQuery("NOT needs a word beside it that must be there")
        if len(parts) == 1 and not without:
            return parts[0]
        return All(tuple(parts), tuple(without)) if parts else None

    def _one(self) -> Node | None:
        if not self.left:
            raise BadQuery("NOT needs a word behind it")
        lexeme = self.left.pop()
        if lexeme.kind == "word":
            return phrase_of(lexeme.text, prefix=lexeme.prefix)
        if lexeme.kind != "(":
            raise BadQuery(
                f"{lexeme.kind} stands where a word should: put it in quotes to search for it"
            )
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadQuery(f"parentheses in parentheses: at most {_DEEPEST} deep")
        node = self.either()
        if not self._take(")"):
            raise BadQuery(
                "a '(' is not closed: put the words in quotes to search for them as they are"
            )
        self._depth -= 1
        return node

    def _take(self, kind: str) -> bool:
        if self.left and self.left[-1].kind == kind:
            self.left.pop()
            return True
        return False
