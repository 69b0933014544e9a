"""Tells the level of authority of a North Korean statement from headline and first paragraph.

North Korea chooses the speaker and the form of a statement by its weight. Analysts read, from the
heaviest: government statement, Foreign Ministry statement, statement or press statement of its
spokesperson, the spokesperson's answers to a reporter, and below them commentaries of the media
(Yonhap, "North Korea's forms of statements", 17 October 2006; Dong-A Ilbo, 10 February 2005). In
2010s and later, press statements in the name of officials became frequent (YTN, 9 May 2021).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from dedup.statements.statement_words import StatementWords, statement_words

MAX_TITLE_CHARS = 300
MAX_LEAD_CHARS = 700
_MAX_FORMS = 20
_MIN_PARAGRAPH_CHARS = 40
"""Shorter first paragraphs are bylines, picture captions and datelines."""
_MAX_BYLINES = 6
_SHORT_PARAGRAPH_CHARS = 200
"""Other outlets often name the form of the statement only after a first paragraph of a sentence."""
_SPEAKER_REACH_CHARS = 250
_SPEAKER_AFTER_CHARS = 160
_SPOKESPERSON_REACH_CHARS = 60
_MAX_SPOKESPERSON_CHARS = 12
_OPENING = re.compile(r"\W?\w{2,4} \w{1,3} ")
"""These words before a form open its sentence ("In a statement ..."): the speaker follows."""
_WRITER_REACH_CHARS = 110
_TOPIC_REACH_CHARS = 45
_CONTEXT_CHARS = 70
"""How far the words that refer to a statement may stand before it."""


class StatementLevel(StrEnum):
    """Who speaks, and in which form.

    `GOVERNMENT`: the government, the State Affairs Commission or its chairman. `FOREIGN_MINISTRY`:
    the ministry itself. `SPOKESPERSON`: of any body. `OFFICIAL`: a named or titled official, such as
    Kim Yo Jong, a minister or the director of a bureau. `DEPARTMENT`: any other body in its own name,
    such as the Ministry of National Defence, a bureau or an institute of the Foreign Ministry.
    `Q_AND_A`: answers to a reporter, whoever gives them. `COMMENTARY`: commentaries, editorials and
    articles of the media and of writers. `UNKNOWN`: no statement, or several of different levels.
    """

    GOVERNMENT = "government"
    FOREIGN_MINISTRY = "foreign-ministry"
    SPOKESPERSON = "spokesperson"
    OFFICIAL = "official"
    DEPARTMENT = "department"
    Q_AND_A = "q-and-a"
    COMMENTARY = "commentary"
    UNKNOWN = "unknown"


_LESS_PRECISE: dict[StatementLevel, set[StatementLevel]] = {
    StatementLevel.Q_AND_A: {
        StatementLevel.SPOKESPERSON,
        StatementLevel.OFFICIAL,
        StatementLevel.DEPARTMENT,
        StatementLevel.FOREIGN_MINISTRY,
    },
    StatementLevel.SPOKESPERSON: {StatementLevel.DEPARTMENT, StatementLevel.FOREIGN_MINISTRY},
    StatementLevel.OFFICIAL: {StatementLevel.DEPARTMENT, StatementLevel.FOREIGN_MINISTRY},
    StatementLevel.DEPARTMENT: {StatementLevel.FOREIGN_MINISTRY},
}
"""Less precise names of a level: "the ministry's statement" may be that of its spokesperson."""

_BODIES = frozenset({StatementLevel.FOREIGN_MINISTRY, StatementLevel.DEPARTMENT})
_AGENCY_DATELINE = re.compile(
    r"[(（【/][^()（）【】/\n]{0,30}(?:KCNA|조선중앙통신|朝中社|朝鲜中央通讯社|朝鮮中央通信|ЦТАК|ACNC|AICNC)[)）】/]"
)
_MAX_DATELINE_CHARS = 90
_DATELINE = re.compile(
    r"^(?:[(（【][^()（）【】\n]{1,40}[)）】]"
    r"|[^.\n()（）【】/]{0,60}(?:[(（][^()（）\n]{1,40}[)）]|/[^/\n]{1,40}/)\s?(?=--?|[—–=.]))"
    r"\s?(?:--?|[—–=.])?\s*(?:[가-힣·, ]{2,30}(?:기자|특파원) ?= ?)?"
)
_CAPTION = re.compile(r"^[▲△]|재배포|Redistribution")
_SENTENCE_END = re.compile(r"(?<=[a-zа-яё)\"”»][.!?])\s+(?=[\"“«A-ZА-ЯЁ])|(?<=다\.)\s?|[。！？\n]")
_CLAUSE_END = re.compile(r"[,;] |[，；、]| that ")
_HANGUL = re.compile(r"[가-힣]")
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_HAN = re.compile(r"[一-鿿]")
_CYRILLIC = re.compile(r"[А-яЁё]")
_LATIN_FORMS = {
    "en": re.compile(
        "statement|spokes|answer|repl|commentar|editorial|article|release|paper|memorandum"
        "|communiqu|interview|op-ed|q ?& ?a"
    ),
    "es": re.compile("declaraci|comunicado|portavoz|vocer|nota|libro|resp|comentario|editorial"),
    "fr": re.compile("déclaration|communiqué|porte-parole|livre|répon|commentaire|éditoria"),
}
"""A part of each form, in small letters: a text without any is not searched by the slow patterns."""


def find_statement_level(title: str, text: str) -> StatementLevel:
    """Returns the level of the statement that an article prints or reports.

    Only the headline and the first paragraph count, up to `MAX_TITLE_CHARS` and `MAX_LEAD_CHARS`
    characters. The headline decides; the first paragraph may make it more precise. Another
    government's answer to a statement has the level UNKNOWN, and so has an article that refers to
    an earlier statement.
    """
    is_agency = bool(_AGENCY_DATELINE.search(text[:_MAX_DATELINE_CHARS]))
    headline, lead = title[:MAX_TITLE_CHARS].strip(), _first_paragraph(text, is_agency)
    for language in _possible_languages(f"{headline}\n{lead}"):
        words = statement_words(language)
        if words.reaction.search(headline) and not is_agency:
            return StatementLevel.UNKNOWN
        level = _combine(
            _Field(headline, words, is_agency, is_headline=True),
            _Field(lead, words, is_agency, is_headline=False),
        )
        if level is not StatementLevel.UNKNOWN:
            return level
    return StatementLevel.UNKNOWN


def _first_paragraph(text: str, is_agency: bool) -> str:
    """Returns the first paragraph that is no byline or caption.

    If it is short and not of the agency, the next paragraph is returned with it.
    """
    paragraphs = [part.strip() for part in text[: MAX_LEAD_CHARS * 2].split("\n") if part.strip()]
    first = next(
        (
            index
            for index, part in enumerate(paragraphs[:_MAX_BYLINES])
            if len(part) >= _MIN_PARAGRAPH_CHARS and not _CAPTION.search(part)
        ),
        0,
    )
    lead = "\n".join(paragraphs[first : first + 1])
    if len(lead) < _SHORT_PARAGRAPH_CHARS and not is_agency:
        lead = "\n".join(paragraphs[first : first + 2])
    return _DATELINE.sub("", lead[:MAX_LEAD_CHARS], count=1)


def _possible_languages(text: str) -> tuple[str, ...]:
    """Returns the languages that the script of a text allows, and a form of a statement in it."""
    if _HANGUL.search(text):
        return ("ko",)
    if _KANA.search(text):
        return ("ja",)
    if _HAN.search(text):
        return ("zh",)
    if _CYRILLIC.search(text):
        return ("ru",)
    small = text.lower()
    return tuple(language for language, form in _LATIN_FORMS.items() if form.search(small))


def _combine(headline: "_Field", lead: "_Field") -> StatementLevel:
    """Returns the level of the headline, or that of the lead where it is more precise."""
    in_headline = headline.find_statements() or headline.find_spokesperson()
    in_lead = lead.find_statements()
    if not in_headline:
        return _agreed(in_lead or lead.find_spokesperson())
    level = _agreed(in_headline)
    if level is StatementLevel.UNKNOWN:
        return level
    precise = _agreed({level, *in_lead})
    return level if precise is StatementLevel.UNKNOWN else precise


def _agreed(levels: set[StatementLevel]) -> StatementLevel:
    """Returns the one level that all others are less precise names of, else UNKNOWN."""
    left = set(levels)
    for level, less_precise in _LESS_PRECISE.items():
        if level in left:
            left -= less_precise
    return left.pop() if len(left) == 1 else StatementLevel.UNKNOWN


@dataclass(frozen=True, slots=True)
class _Field:
    """A headline or first paragraph. `is_agency`: the text has a dateline of North Korea's agency."""

    text: str
    words: StatementWords
    is_agency: bool
    is_headline: bool

    def find_statements(self) -> set[StatementLevel]:
        """Returns the levels of the statements that are named with their form and speaker."""
        forms = islice(self.words.form.finditer(self.text), _MAX_FORMS)
        levels = {self._level_of(form) for form in forms if not self._is_cited(form)}
        return {level for level in levels if level is not None}

    def find_spokesperson(self) -> set[StatementLevel]:
        """Returns SPOKESPERSON if a North Korean spokesperson is quoted."""
        found = islice(self.words.says.finditer(self.text), _MAX_FORMS)
        return {StatementLevel.SPOKESPERSON for says in found if self._is_our_spokesperson(says)}

    def _is_cited(self, form: re.Match[str]) -> bool:
        """Returns whether the text only refers to a statement."""
        context = self.text[max(0, form.start() - _CONTEXT_CHARS) : form.start()]
        return bool(
            self.words.cited_before.search(context)
            or self.words.cited_after.match(self.text, form.end())
        )

    def _level_of(self, form: re.Match[str]) -> StatementLevel | None:
        if form.lastgroup == "commentary":
            return StatementLevel.COMMENTARY if self._names_writer(form) else None
        level = None
        link = self.words.speaker_after and self.words.speaker_after.match(self.text, form.end())
        if link:
            after = self.text[link.end() : link.end() + _SPEAKER_AFTER_CHARS]
            after = _SENTENCE_END.split(after, maxsplit=1)[0]
            speaks_before = not self.is_agency and self._sentence_before(form.start())
            if self._is_foreign(after) or (speaks_before and self._is_foreign(speaks_before)):
                return None
            level = self._level_of_speaker(after)
        before = self._speaker_before(form.start())
        if level is None and self.words.speaker_after and _OPENING.fullmatch(before):
            before = self.text[form.end() : form.end() + _SPEAKER_AFTER_CHARS]
        level = level or self._level_of_speaker(before)
        return StatementLevel.Q_AND_A if level and form.lastgroup == "answer" else level

    def _names_writer(self, form: re.Match[str]) -> bool:
        """Returns whether a North Korean medium or writer is named next to a commentary."""
        around = self._sentence_before(form.start())[-_WRITER_REACH_CHARS:] + form.group()
        if not self.is_agency and _last_end(self.words.theirs, around) > _last_end(
            self.words.media, around
        ):
            return False
        if self.words.speaker_after:
            around += self.text[form.end() : form.end() + _WRITER_REACH_CHARS]
        is_writer = self.is_agency and self.words.writers.search(around)
        return bool(is_writer or self.words.media.search(around))

    def _is_our_spokesperson(self, says: re.Match[str]) -> bool:
        """Returns whether the country that is named nearest to a spokesperson is North Korea."""
        before = self._sentence_before(says.start())[-_SPOKESPERSON_REACH_CHARS:]
        ours = _last_end(self.words.ours, before)
        theirs = _last_end(self.words.theirs, before + says.group()[:_MAX_SPOKESPERSON_CHARS])
        if ours or theirs:
            return ours > theirs
        if self.words.speaker_after is None:
            return self.is_agency
        names_ours = self.is_agency or self.words.ours.search(says.group())
        return bool(names_ours) and not self._is_foreign(says.group())

    def _speaker_before(self, end: int) -> str:
        """Returns the clause that may name the speaker before a form, "" if another speaks there."""
        sentence = self._sentence_before(end)
        has_theirs = bool(self.words.theirs.search(sentence))
        if self.is_headline and not self.is_agency:
            return "" if has_theirs else sentence
        if self.words.topic is None:
            clause = _CLAUSE_END.split(sentence)[-1]
            is_theirs = self.words.theirs.search(clause) and not self.words.ours.search(clause)
            return "" if is_theirs else sentence
        for topic in reversed(list(self.words.topic.finditer(sentence))):
            clause = _CLAUSE_END.split(sentence[: topic.end()])[-1][-_TOPIC_REACH_CHARS:]
            if self.words.theirs.search(clause):
                return ""
            if self.words.ours.search(clause):
                return clause if self._kind_of_speaker(clause) else sentence
            if not self.is_agency and self._kind_of_speaker(clause) in _BODIES:
                return ""
        return "" if has_theirs and not self.is_agency else sentence

    def _sentence_before(self, end: int) -> str:
        return _SENTENCE_END.split(self.text[max(0, end - _SPEAKER_REACH_CHARS) : end])[-1]

    def _is_foreign(self, speaker: str) -> bool:
        """Returns whether a speaker of another country is named first."""
        theirs, ours = self.words.theirs.search(speaker), self.words.ours.search(speaker)
        return theirs is not None and (ours is None or theirs.start() <= ours.start())

    def _level_of_speaker(self, speaker: str) -> StatementLevel | None:
        """Returns the level of the North Korean speaker that a clause names, or None."""
        is_ours = self.is_agency or self.words.ours.search(speaker)
        if not is_ours or self._is_foreign(speaker):
            return None
        return self._kind_of_speaker(speaker)

    def _kind_of_speaker(self, speaker: str) -> StatementLevel | None:
        kinds = {
            StatementLevel.SPOKESPERSON: self.words.spokesperson,
            StatementLevel.OFFICIAL: self.words.official,
            StatementLevel.GOVERNMENT: self.words.government,
            StatementLevel.DEPARTMENT: self.words.department,
            StatementLevel.FOREIGN_MINISTRY: self.words.ministry,
        }
        return next((level for level, kind in kinds.items() if kind.search(speaker)), None)


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    """Returns where the last match ends, or 0."""
    return max((found.end() for found in pattern.finditer(text)), default=0)
