"""Says values in plain words: languages, agencies, statement levels, manners. Pure."""

from collections.abc import Mapping

from dedup.attribution.agencies import AGENCY_NAMES
from dedup.statements.statement_level import StatementLevel
from storage.reports.manners import CarriageManner

LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "ja": "Japanese",
    "ko": "Korean",
    "ru": "Russian",
    "zh": "Chinese",
}
LEVELS: Mapping[str, str] = {
    StatementLevel.GOVERNMENT: "Government",
    StatementLevel.FOREIGN_MINISTRY: "Foreign Ministry",
    StatementLevel.SPOKESPERSON: "Spokesperson",
    StatementLevel.OFFICIAL: "Official by name",
    StatementLevel.DEPARTMENT: "Other department",
    StatementLevel.Q_AND_A: "Answers to questions",
    StatementLevel.COMMENTARY: "Commentary",
}
"""The statement levels that a visitor can ask for, the heaviest first."""
MANNERS: Mapping[str, tuple[str, str]] = {
    CarriageManner.ORIGINAL: (
        "original",
        "the agency's own text, or a text that surely appeared before all others",
    ),
    CarriageManner.FIRST_SEEN: (
        "first seen",
        "known earlier than all others; another may have appeared before",
    ),
    CarriageManner.UNKNOWN: (
        "origin unknown",
        "it stands for the report, but the times do not tell which article was first",
    ),
    CarriageManner.VERBATIM: ("verbatim", "the same text"),
    CarriageManner.EDITED: ("edited", "its text, changed, shortened or extended"),
    CarriageManner.EXCERPT: ("excerpt", "a part of its text"),
    CarriageManner.TRANSLATION: ("translation", "the agency's own text in another language"),
    CarriageManner.DERIVED: ("in other words", "an article of its own about the report"),
}
"""The word on the pages for each manner, and what it means; the closest first."""


def language_name(code: str) -> str:
    """Returns the name of a language; of an unknown one its code."""
    return LANGUAGES.get(code, code or "unknown")


def agency_name(name: str) -> str:
    """Returns what people call a cited agency: KCNA for "kcna"."""
    return _AGENCIES.get(name) or (AGENCY_NAMES.get(name) or (name,))[0]


def manner_name(manner: str) -> str:
    """Returns the word of the pages for a manner."""
    return MANNERS.get(manner, (manner, ""))[0]


_AGENCIES: Mapping[str, str] = {"kcna": "KCNA", "krt": "KRT", "tass": "TASS", "afp": "AFP"}
