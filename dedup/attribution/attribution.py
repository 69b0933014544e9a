"""Finds the sources that an article cites: verb, headline tag, dateline, photo credit, byline."""

import re
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import islice

from dedup.attribution import source_phrases as phrases
from dedup.attribution.agencies import AGENCY_NAMES, GENERIC_NAMES, STATE_MEDIA
from dedup.attribution.denials import REACH_CHARS, is_denied
from dedup.attribution.state_speech import find_north_korea
from dedup.records import Attribution
from dedup.text.substring_matcher import SubstringMatcher

MAX_CHARS = 100_000
MAX_NAMES = 300
"""Agency names that are read in a text; a text with more is no report."""

_VERB_REACH_CHARS = 60
"""A verb is looked for within this many characters after a name."""

_VERB_BEFORE_CHARS = 90
"""The same before a name, where the medium may be described first."""

_KOREAN_REACH_CHARS = 900
"""The same for Korean, where the verb ends the sentence, after the quotation."""

_COUNTRY_REACH_CHARS = 200
"""How far after a common name such as "state media" its country may be named first."""

_MAX_DATELINE_OFFSET = 3000
_MIN_SIFTED_CHARS = 300
_SENTENCE = re.compile(r"[.!?。！？]\s|[。！？\n]|다\.")
_ALPHABETIC = re.compile(r"[A-Za-zÀ-ÿА-яЁё]")
_HANGUL = re.compile(r"[가-힣]")
_PAPERS = frozenset({"rodong", "minju joson", "choson sinbo", "global times"})
_DATELINES = (
    (phrases.DATELINE_BEFORE, phrases.DATELINE_AFTER),
    (phrases.SLASHED_DATELINE_BEFORE, phrases.SLASHED_DATELINE_AFTER),
)
_CUT_NAMES = {"조선중앙통": "kcna", "노동신": "rodong"}
"""Whose name a feed has cut off. A shorter beginning may be the agency's or the television's."""


def find_attributions(title: str, text: str, language: str = "") -> list[Attribution]:
    """Returns the agencies that an article names as its source, those in the headline first.

    A name counts only if a verb, bracket or position makes it a source; other mentions are left
    out, and so is a name that other countries' media have too ("state media") where North Korea is
    not named before it. All seven languages are tried; `language` is ignored. Linear in the text;
    never raises.
    """
    del language
    title, text = title[:MAX_CHARS], text[:MAX_CHARS]
    country = _Country(title, text)
    found = [*_in_title(title, country), *_in_text(text, country)]
    return sorted(found, key=lambda each: (each.field != "title", each.start, each.end))


class _Country:
    """Where an article first names North Korea; looked for when a common name asks for it."""

    def __init__(self, title: str, text: str) -> None:
        self._title, self._text = title, text

    @cached_property
    def start(self) -> int:
        """The first mention in the text; 0 if the headline has one, past the end if none has."""
        if find_north_korea(self._title) is not None:
            return 0
        found = find_north_korea(self._text)
        return MAX_CHARS if found is None else found


def _in_title(title: str, country: _Country) -> Iterator[Attribution]:
    for name in _each_name(title, country, _COUNTRY_REACH_CHARS):
        before, after = title[: name.start()], title[name.end() :]
        tag_before = phrases.TITLE_TAG_BEFORE.search(before[-6:])
        if tag_before and not after.strip(" )]）’”'\""):
            yield _make_attribution(title, "title", "title-tag", name, len(tag_before.group()), 0)
        elif not before.strip(" \"“'‘[(北") and _is_leading_source(name, after):
            yield _make_attribution(title, "title", "title-tag", name, 0, 0)
        else:
            yield from _verb(title, "title", name)


def _is_leading_source(name: re.Match[str], after: str) -> bool:
    """Returns whether a name at the start of a headline is its source.

    A newspaper's name before a quotation may be the topic, so it does not count.
    """
    if phrases.TITLE_TAG_AFTER.match(after):
        return True
    return _agency(name) not in _PAPERS and bool(phrases.TITLE_QUOTE_AFTER.match(after))


def _in_text(text: str, country: _Country) -> Iterator[Attribution]:
    for name in _each_name(text, country):
        yield from (
            _dateline(text, name)
            or _photo(text, name)
            or _contribution(text, name)
            or _verb(text, "text", name)
            or _alone(text, name)
        )
    cut = phrases.KOREAN_CUT_NAME.search(text, max(0, len(text) - 60))
    if cut:
        agency = _CUT_NAMES.get(cut[1], "state media")
        yield Attribution(agency, "verb", "text", cut.start(), cut.end(), cut.group())


def _each_name(text: str, country: _Country, reach: int = 0) -> Iterator[re.Match[str]]:
    """Yields the names, except a short name in brackets after the long name of the same agency.

    A common name counts if North Korea is named before it or soon after; one in the headline counts
    if the country is named there or in the first `reach` characters of the text.
    """
    if len(text) >= _MIN_SIFTED_CHARS and not _sieve().find_in(text):
        return
    previous: re.Match[str] | None = None
    for name in islice(_names().finditer(text), MAX_NAMES):
        if name.group() in GENERIC_NAMES and _is_of_another_country(text, name, country, reach):
            continue
        if _agency(name) == "state media" and _introduces_a_name(text, name):
            continue
        same_agency = previous is not None and _agency(previous) == _agency(name)
        if not (
            same_agency and previous and text[previous.end() : name.start()].strip() in {"(", "（"}
        ):
            yield name
        previous = name


def _is_of_another_country(text: str, name: re.Match[str], country: _Country, reach: int) -> bool:
    before = text[max(0, name.start() - 40) : name.start()]
    if phrases.OTHER_COUNTRY_BEFORE.search(before):
        return True
    return country.start > (reach or name.end() + _COUNTRY_REACH_CHARS)


def _introduces_a_name(text: str, name: re.Match[str]) -> bool:
    """Returns whether the medium's own name follows at once: "the state news agency KCNA"."""
    gap = phrases.APPOSITION_AFTER.match(text, name.end())
    following = _names().match(text, gap.end()) if gap else None
    return following is not None and _agency(following) in STATE_MEDIA - {"state media"}


def _contribution(text: str, name: re.Match[str]) -> list[Attribution]:
    credit = phrases.CONTRIBUTED_AFTER.match(text, name.end(), name.end() + 90)
    return (
        [_make_attribution(text, "text", "byline", name, 0, credit.end() - name.end())]
        if credit
        else []
    )


def _dateline(text: str, name: re.Match[str]) -> list[Attribution]:
    if name.start() > _MAX_DATELINE_OFFSET:
        return []
    before, after = (
        text[max(0, name.start() - 40) : name.start()],
        text[name.end() : name.end() + 60],
    )
    for opening, closing in _DATELINES:
        bracket, end = opening.search(before), closing.match(after)
        if bracket and end and not phrases.PHOTO.search(bracket.group()):
            return [
                _make_attribution(text, "text", "dateline", name, len(bracket.group()), end.end())
            ]
    open_before = phrases.OPEN_DATELINE_BEFORE.search(before[before.rfind("\n") + 1 :])
    open_end = phrases.OPEN_DATELINE_AFTER.match(after)
    if open_before and open_end and (name.start() <= 40 or "\n" in before):
        return [
            _make_attribution(
                text, "text", "dateline", name, len(open_before.group()), open_end.end()
            )
        ]
    chinese = phrases.HAN_DATELINE_AFTER.match(after)
    return [_make_attribution(text, "text", "dateline", name, 0, chinese.end())] if chinese else []


def _photo(text: str, name: re.Match[str]) -> list[Attribution]:
    """Finds a photo credit: in brackets, beside a credit word, or after `released by` and so on."""
    before = _sentence_before(text, name.start(), 160)
    after = text[name.end() : name.end() + 40]
    open_index = max(before.rfind("("), before.rfind("["), before.rfind("（"))
    is_inside_bracket = open_index > max(before.rfind(")"), before.rfind("]"), before.rfind("）"))
    closing = re.match(r"[^()\[\]（）\n]{0,40}[)\]）]", after)
    if is_inside_bracket and closing:
        bracket = before[open_index:] + closing.group()
        words = [word for word in re.split(r"[\s/=,]+", bracket.strip("()[]（） ")) if word]
        if phrases.PHOTO.search(bracket) or (
            len(words) <= 3 and phrases.PHOTO.search(before[:open_index])
        ):
            return [
                _make_attribution(
                    text, "text", "photo-credit", name, len(before) - open_index, closing.end()
                )
            ]
    credit_before = phrases.CREDITED_BEFORE.search(before[-130:])
    credit_after = phrases.CREDIT_AFTER.match(after)
    if (credit_before or credit_after) and not phrases.MEDIA_VERB.match(after.lstrip()):
        start, end = (
            len(credit_before.group()) if credit_before else 0,
            credit_after.end() if credit_after else 0,
        )
        return [_make_attribution(text, "text", "photo-credit", name, start, end)]
    if phrases.RELEASED_PICTURE.search(before):
        release_phrase = phrases.RELEASED_BEFORE.search(before)
        if release_phrase:
            return [
                _make_attribution(
                    text, "text", "photo-credit", name, len(release_phrase.group()), 0
                )
            ]
    return []


def _alone(text: str, name: re.Match[str]) -> list[Attribution]:
    before = phrases.ALONE_BEFORE.search(text[max(0, name.start() - 4) : name.start()])
    after = phrases.ALONE_AFTER.match(text, name.end())
    if not (before and after):
        return []
    return [_make_attribution(text, "text", "photo-credit", name, 1, after.end() - name.end())]


def _verb(text: str, field: str, name: re.Match[str]) -> list[Attribution]:
    end = _verb_phrase_end(text, name)
    before = _sentence_before(text, name.start(), _VERB_BEFORE_CHARS)
    verb_before = phrases.VERB_BEFORE.search(before)
    start = name.start() - len(before) + verb_before.start() if verb_before else name.start()
    if not (verb_before or end) or _is_denied(text, name):
        return []
    after = 0 if verb_before else end - name.end()
    return [_make_attribution(text, field, "verb", name, name.start() - start, after)]


def _is_denied(text: str, name: re.Match[str]) -> bool:
    after = text[name.end() : name.end() + REACH_CHARS]
    sentence_end = _SENTENCE.search(after)
    return is_denied(
        _sentence_before(text, name.start(), REACH_CHARS),
        after[: sentence_end.end()] if sentence_end else after,
    )


def _verb_phrase_end(text: str, name: re.Match[str]) -> int:
    """Returns where the verb phrase after a name ends; 0 if no such phrase follows."""
    if _HANGUL.search(text, name.start(), name.end() + 2):
        found = phrases.KOREAN_VERB_AFTER.match(
            text, name.end(), name.end() + _KOREAN_REACH_CHARS
        ) or _cut_off(text, name)
        return found.end() if found else 0
    sentence_end = _SENTENCE.search(text, name.end(), name.end() + _VERB_REACH_CHARS)
    found = phrases.MEDIA_VERB.search(
        text, name.end(), sentence_end.end() if sentence_end else name.end() + _VERB_REACH_CHARS
    )
    found = found or phrases.JAPANESE_FINAL_VERB.match(text, name.end(), name.end() + 260)
    return found.end() if found else 0


def _cut_off(text: str, name: re.Match[str]) -> re.Match[str] | None:
    """Finds the end of a teaser that stops after the name: "... 했다고 조선중앙통신이..."."""
    if not phrases.KOREAN_QUOTED_BEFORE.search(text[max(0, name.start() - 30) : name.start()]):
        return None
    return phrases.KOREAN_CUT_AFTER.match(text, name.end(), name.end() + 40)


def _sentence_before(text: str, end: int, reach: int) -> str:
    before = text[max(0, end - reach) : end]
    start = 0
    for sentence_end in _SENTENCE.finditer(before):
        start = sentence_end.end()
    return before[start:]


def _make_attribution(
    text: str, field: str, kind: str, name: re.Match[str], before: int, after: int
) -> Attribution:
    start, end = name.start() - before, name.end() + after
    return Attribution(_agency(name), kind, field, start, end, text[start:end])


def _agency(name: re.Match[str]) -> str:
    return _agencies()[name.group().casefold()]


@cache
def _agencies() -> dict[str, str]:
    return {name.casefold(): agency for agency, names in AGENCY_NAMES.items() for name in names}


@cache
def _sieve() -> SubstringMatcher:
    """Returns a matcher of all names, which passes over a text without any more quickly."""
    return SubstringMatcher.from_strings(
        {each for names in AGENCY_NAMES.values() for each in names}
    )


@cache
def _names() -> re.Pattern[str]:
    """Returns a pattern of all names, longest first.

    Latin and Cyrillic names match as whole words and in the listed case.
    """
    names = sorted(
        (name for names in AGENCY_NAMES.values() for name in names), key=len, reverse=True
    )
    alphabetic_names = [name for name in names if _ALPHABETIC.match(name)]
    other_names = [name for name in names if not _ALPHABETIC.match(name)]
    alphabetic_class = r"[A-Za-zÀ-ÿА-яЁё]"
    return re.compile(
        f"{_build_alternation(alphabetic_names, rf'(?<!{alphabetic_class}.)', r'(?![a-zà-ÿа-яё])')}|{_build_alternation(other_names)}"
    )


def _build_alternation(names: list[str], before: str = "", after: str = "") -> str:
    """Returns a pattern of these names, grouped by first letter.

    It starts with plain letters, so that `re` skips other positions quickly. `before` is a
    look-behind that is checked after the first letter.
    """
    endings_by_first = {
        name[0]: [each[1:] for each in names if each[0] == name[0]] for name in names
    }
    return "|".join(
        f"{first}{before}(?:{'|'.join(map(re.escape, endings))}){after}"
        for first, endings in endings_by_first.items()
    )
