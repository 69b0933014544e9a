"""Parses search queries and translates them to FTS5 and tsquery. No I/O.

    kim jong un         all of these words, anywhere in title or text
    "kim jong un"       these words in this order
    missile OR rocket   either word (the operator in capitals)
    -drill, NOT drill   without this word
    missil*             words that begin with these letters
    (a OR b) c          parentheses
    title:missile       in the title; `text:` in the text, also before "..." and (...)

A query for a Korean, Chinese or Japanese word also finds longer words that contain it: `미사일`
finds `미사일을` and `탄도미사일`. A query word that gives several tokens is a phrase.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast, get_args

from storage.clean import clean_line
from storage.errors import InvalidRequest
from storage.search.tokeniser import MAX_TOKEN_CHARS, find_script_runs, fold_text

MAX_QUERY_CHARS = 1000
MAX_QUERY_TOKENS = 256
_MAX_DEPTH = 30

SearchField = Literal["title", "text"]
"""The fields that are indexed. `text` is the lead where an article has no text."""

SEARCH_FIELDS: tuple[SearchField, ...] = get_args(SearchField)

_LEXEME_PATTERN = re.compile(r'"([^"]*)("?)(\*?)|(\()|(\))|(-?[^\s()"]+)')


class BadQuery(InvalidRequest):
    """The query cannot be parsed. The message says why."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Consecutive tokens. `prefix`: the last one matches every token that begins with it.

    `field`: the field that they are in; None: any.
    """

    tokens: tuple[str, ...]
    prefix: bool = False
    field: SearchField | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of `parts`, and none of `excluded`. `parts` is never empty."""

    parts: tuple["QueryNode", ...]
    excluded: tuple["QueryNode", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of `parts`."""

    parts: tuple["QueryNode", ...]


QueryNode: TypeAlias = Phrase | AllOf | AnyOf


def parse(text: str) -> QueryNode:
    """Parses a query.

    Raises BadQuery if the query is malformed, has no words, or is longer than `MAX_QUERY_CHARS` or
    `MAX_QUERY_TOKENS`.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise BadQuery(f"a search of {len(text):,} characters: at most {MAX_QUERY_CHARS:,}")
    reader = _Parser(list(_iter_lexemes(clean_line(text))))
    node = reader.parse_any_of()
    if reader.remaining:
        raise BadQuery(
            "a ')' closes nothing: put the words in quotes to search for them as they are"
        )
    if node is None:
        raise BadQuery("nothing to search for: write at least one word")
    if sum(len(phrase.tokens) for phrase in iter_phrases(node)) > MAX_QUERY_TOKENS:
        raise BadQuery(f"too many words: at most about {MAX_QUERY_TOKENS}")
    return node


def iter_phrases(node: QueryNode, *, positive_only: bool = False) -> Iterator[Phrase]:
    """Yields the phrases of a query. `positive_only`: without the phrases that must not occur."""
    match node:
        case Phrase():
            yield node
        case AllOf():
            for part in node.parts if positive_only else node.parts + node.excluded:
                yield from iter_phrases(part, positive_only=positive_only)
        case AnyOf():
            for part in node.parts:
                yield from iter_phrases(part, positive_only=positive_only)


def restrict(node: QueryNode, field: SearchField) -> QueryNode:
    """Returns the query for one field only. Phrases that name a field keep theirs."""
    match node:
        case Phrase():
            return node if node.field else replace(node, field=field)
        case AnyOf():
            return AnyOf(tuple(restrict(part, field) for part in node.parts))
        case AllOf():
            return AllOf(
                tuple(restrict(part, field) for part in node.parts),
                tuple(restrict(part, field) for part in node.excluded),
            )


def parse_phrase(text: str, *, prefix: bool = False) -> Phrase | None:
    """Returns the phrase that finds a text, or None if the text has no letters or digits.

    A run of Hangul, Han or kana also matches inside a longer run. If more of the phrase follows,
    the match must reach the end of the longer run. `prefix`: the last word may be the start of a
    longer word.
    """
    folded = fold_text(text)
    runs = find_script_runs(folded)
    tokens: list[str] = []
    for index, (is_cjk, start, end) in enumerate(runs):
        is_last = index == len(runs) - 1
        word = folded[start:end]
        if not is_cjk:
            tokens.append(word[:MAX_TOKEN_CHARS])
            continue
        tokens += [word[i : i + 2] for i in range(len(word) - (is_last and len(word) > 1))]
        prefix = prefix if not is_last else len(word) == 1
    return Phrase(tuple(tokens), prefix) if tokens else None


def matches(node: QueryNode, fields: Sequence[Sequence[str]]) -> bool:
    """Returns whether an article matches. `fields`: the tokens of each field (`SEARCH_FIELDS`).

    This function defines the result that both databases must give. A phrase must be within one
    field; the parts of a query may be in different fields.
    """
    return _matches_joined(node, [f" {' '.join(tokens)} " for tokens in fields])


def needs_only_words(node: QueryNode) -> bool:
    """Returns whether the set of an article's words decides: no word order, and no field."""
    return all(len(each.tokens) == 1 and each.field is None for each in iter_phrases(node))


def needs_only_title(node: QueryNode) -> bool:
    """Returns whether the title of an article decides."""
    return all(phrase.field == "title" for phrase in iter_phrases(node))


def to_fts5(node: QueryNode) -> str:
    """Returns the query as an FTS5 full-text query expression (see the FTS5 documentation)."""
    match node:
        case Phrase():
            column = f"{node.field} : " if node.field else ""
            return f'{column}"{" ".join(node.tokens)}"' + (" *" if node.prefix else "")
        case AnyOf():
            return "(" + " OR ".join(to_fts5(part) for part in node.parts) + ")"
        case AllOf():
            expression = "(" + " AND ".join(to_fts5(part) for part in node.parts) + ")"
            for part in node.excluded:
                expression = f"({expression} NOT {to_fts5(part)})"
            return expression


def to_tsquery(node: QueryNode) -> str:
    """Returns a PostgreSQL tsquery that finds all articles that match, and maybe others.

    It has no word order and no fields: a phrase matches its words in any order and field, and
    excluded phrases are omitted. `matches` must check the results unless `needs_only_words` is true.
    """
    match node:
        case Phrase():
            words = [f"'{token}'" for token in node.tokens]
            words[-1] += ":*" if node.prefix else ""
            return "(" + " & ".join(words) + ")"
        case AnyOf():
            return "(" + " | ".join(to_tsquery(part) for part in node.parts) + ")"
        case AllOf():
            parts = [to_tsquery(part) for part in node.parts]
            parts += [f"!{to_tsquery(part)}" for part in node.excluded if needs_only_words(part)]
            return "(" + " & ".join(parts) + ")"


def _matches_joined(node: QueryNode, fields: Sequence[str]) -> bool:
    match node:
        case Phrase():
            phrase = f" {' '.join(node.tokens)}" + ("" if node.prefix else " ")
            if node.field is not None:
                return phrase in fields[SEARCH_FIELDS.index(node.field)]
            return any(phrase in field for field in fields)
        case AnyOf():
            return any(_matches_joined(part, fields) for part in node.parts)
        case AllOf():
            return all(_matches_joined(part, fields) for part in node.parts) and not any(
                _matches_joined(part, fields) for part in node.excluded
            )


@dataclass(frozen=True, slots=True)
class _Lexeme:
    """A lexeme of a query. `kind`: "(", ")", "OR", "AND", "NOT", "field" or "word".

    `prefix`: the word ends with `*`.
    """

    kind: str
    text: str = ""
    prefix: bool = False


def _iter_lexemes(text: str) -> Iterator[_Lexeme]:
    for found in _LEXEME_PATTERN.finditer(text.replace("“", '"').replace("”", '"')):
        quoted, closed, star, opens, closes, word = found.groups()
        if quoted is not None:
            if not closed:
                raise BadQuery('a quotation mark (") is not closed')
            yield _Lexeme("word", quoted, bool(star))
        elif opens or closes:
            yield _Lexeme(opens or closes)
        elif word in ("OR", "AND", "NOT"):
            yield _Lexeme(word)
        else:
            if word.startswith("-"):
                yield _Lexeme("NOT")
            yield from _iter_word_lexemes(word.removeprefix("-"))


def _iter_word_lexemes(word: str) -> Iterator[_Lexeme]:
    """Yields the lexemes of a word, such as `title:missil*`. The word of a field may come later."""
    field, colon, rest = word.partition(":")
    if colon and field in SEARCH_FIELDS:
        if rest.startswith("-"):
            raise BadQuery(f"- stands before the field: write -{field}:word")
        yield _Lexeme("field", field)
        word = rest
    if word:
        yield _Lexeme("word", word, word.endswith("*"))


class _Parser:
    """A recursive descent parser. A part without letters or digits parses as None.

    `remaining`: the lexemes that are not parsed yet, the next one last.
    """

    def __init__(self, lexemes: list[_Lexeme]) -> None:
        self.remaining = lexemes[::-1]
        self._depth = 0

    def parse_any_of(self) -> QueryNode | None:
        parts = [self._parse_all_of()]
        while self._accept("OR"):
            if not self.remaining or self.remaining[-1].kind in (")", "OR"):
                raise BadQuery("OR needs words on both sides")
            parts.append(self._parse_all_of())
        nodes = [part for part in parts if part is not None]
        return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes)) if nodes else None

    def _parse_all_of(self) -> QueryNode | None:
        parts: list[QueryNode] = []
        excluded: list[QueryNode] = []
        while self.remaining and self.remaining[-1].kind not in (")", "OR"):
            if self._accept("AND"):
                continue
            target = excluded if self._accept("NOT") else parts
            node = self._parse_term()
            if node is not None:
                target.append(node)
        if excluded and not parts:
            raise BadQuery(
                "only words that must not occur: write a word that must occur beside them"
            )
        if len(parts) == 1 and not excluded:
            return parts[0]
        return AllOf(tuple(parts), tuple(excluded)) if parts else None

    def _parse_term(self) -> QueryNode | None:
        if not self.remaining:
            raise BadQuery("NOT and - need a word behind them")
        lexeme = self.remaining.pop()
        if lexeme.kind == "word":
            return parse_phrase(lexeme.text, prefix=lexeme.prefix)
        if lexeme.kind == "field":
            return self._parse_in_field(cast("SearchField", lexeme.text))
        if lexeme.kind != "(":
            raise BadQuery(
                f"{lexeme.kind} stands where a word should: put it in quotes to search for it"
            )
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise BadQuery(f"parentheses in parentheses: at most {_MAX_DEPTH} deep")
        node = self.parse_any_of()
        if not self._accept(")"):
            raise BadQuery(
                "a '(' is not closed: put the words in quotes to search for them as they are"
            )
        self._depth -= 1
        return node

    def _parse_in_field(self, field: SearchField) -> QueryNode | None:
        if not self.remaining or self.remaining[-1].kind not in ("word", "("):
            raise BadQuery(f'{field}: needs a word behind it: write "{field}" in quotes to find it')
        node = self._parse_term()
        return restrict(node, field) if node is not None else None

    def _accept(self, kind: str) -> bool:
        if self.remaining and self.remaining[-1].kind == kind:
            self.remaining.pop()
            return True
        return False
