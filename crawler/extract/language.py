"""Detects the language of a text, by its script, the page's language mark, and word statistics."""

from collections.abc import Sequence
from functools import cache

from crawler.extract.writing_systems import SCRIPTS_OF_LANGUAGE, script_shares

_LANGUAGE_OF_SCRIPT = {"hangul": "ko", "thai": "th", "burmese": "my", "hebrew": "he", "greek": "el",
              "devanagari": "hi"}  # fmt: skip
# Words that are frequent in one language and rare in the others; enough for a news text.
_FREQUENT = {
    "en": "the of and to in that for was with his as it said from by have has",
    "es": "de la que el en y los del las por con una para es según",
    "fr": "de la le et les des en du une que est dans pour qui sur",
    "de": "der die und den von zu das mit sich des auf für ist im dem",
    "it": "di e che la il un della per non sono con dei nel gli alla",
    "pt": "de que e o do da em um para com não uma os no ao",
    "nl": "de van het een en in te dat op met voor zijn is aan niet",
    "id": "yang dan di ini dengan untuk tidak dari dalam akan pada itu",
    "tr": "ve bir bu için ile da de olarak olan çok daha ise",
    "pl": "w i na z się do nie że jest to o po",
    "sv": "och att det i som en på är av för med den",
    "vi": "của và là có trong được cho không với một người",
    "ru": "и в на что с по не из за как это для от к о он был года также при до же",
    "uk": "і в на що з та до не за від як це для",
}
_MAX_TEXT_CHARS = 3000
_MIN_LEAD_RATIO = 1.4
_MIN_SCRIPT_SHARE = 0.25
_MIN_COMPARED_CHARS = 200
_MIN_JUDGED_WORDS, _MIN_FREQUENT_SHARE = 30, 0.1


def detect_language(
    text: str, page_language: str = "", declared: Sequence[str] = ()
) -> tuple[str, str]:
    """Returns an ISO 639-1 code ("" if unknown) and the evidence for it.

    `page_language`: the page's own mark ("en-GB", "ja_jp"). `declared`: the outlet's languages;
    if there is only one, it is returned.
    """
    if len(declared) == 1:
        return declared[0], "declaration"
    language = _detect_by_script(text[:_MAX_TEXT_CHARS])
    page_code = page_language.strip().lower().replace("_", "-").split("-")[0]
    if language == "zh" and page_code == "ja":
        language = "ja"  # a short Japanese text may have no kana
    if language:
        return language, "script"
    is_usable = (
        page_code in declared if declared else 2 <= len(page_code) <= 3 and page_code.isalpha()
    )
    if is_usable and _fits_script(text, page_code) and _fits_words(text, page_code):
        return page_code, "page"
    return _detect_by_statistics(text, declared)


def _detect_by_script(text: str) -> str:
    shares = script_shares(text)
    if shares.get("kana", 0.0) > 0.1:
        return "ja"
    for script, language in _LANGUAGE_OF_SCRIPT.items():
        if shares.get(script, 0.0) > _MIN_SCRIPT_SHARE:
            return language
    return "zh" if shares.get("han", 0.0) > 0.5 else ""


def _fits_script(text: str, language: str) -> bool:
    """Returns whether a text's script is one that the language is written in."""
    shares = script_shares(text[:_MAX_TEXT_CHARS])
    scripts = SCRIPTS_OF_LANGUAGE.get(language)
    if scripts:
        return any(shares.get(script, 0.0) > 0.1 for script in scripts)
    return max(shares.values(), default=0.0) < _MIN_SCRIPT_SHARE


def _fits_words(text: str, language: str) -> bool:
    """Returns whether a text has the language's frequent words, or too few words to tell.

    Page builders mark many pages as English whose text is not.
    """
    words = text[:_MAX_TEXT_CHARS].lower().split()
    if language not in _FREQUENT or len(words) < _MIN_JUDGED_WORDS:
        return True
    if sum(map(_frequent(language).__contains__, words)) >= _MIN_FREQUENT_SHARE * len(words):
        return True
    return _detect_by_frequent_words(" ".join(words), ()) in ("", language)


def _detect_by_statistics(text: str, declared: Sequence[str]) -> tuple[str, str]:
    if len(text) < 40:
        return (declared[0], "declaration") if declared else ("", "")
    if frequent_language := _detect_by_frequent_words(text[:_MAX_TEXT_CHARS], declared):
        return frequent_language, "frequent words"
    # Imported late: loading its model takes most of a second, and few texts need it.
    from py3langid.langid import rank

    for language, _ in rank(text[:_MAX_TEXT_CHARS]):
        if not declared or language in declared:
            return str(language), "statistics"
    return (declared[0], "declaration") if declared else ("", "")


def _detect_by_frequent_words(text: str, declared: Sequence[str]) -> str:
    """Returns the language with clearly the most frequent words; "" if no language leads."""
    words = text.lower().split()
    scores = {
        language: sum(map(_frequent(language).__contains__, words))
        for language in _FREQUENT
        if not declared or language in declared
    }
    ranked = sorted(scores, key=lambda language: -scores[language])
    if not ranked or scores[ranked[0]] < max(3, 0.08 * len(words)):
        return ""
    second = scores[ranked[1]] if len(ranked) > 1 else 0
    return ranked[0] if scores[ranked[0]] >= _MIN_LEAD_RATIO * second else ""


@cache
def _frequent(language: str) -> frozenset[str]:
    return frozenset(_FREQUENT[language].split())


def is_written_in(text: str, languages: Sequence[str]) -> bool:
    """Returns whether a text can be in one of the languages; True if it cannot be told."""
    if not languages:
        return True
    found = _detect_by_script(text[:_MAX_TEXT_CHARS])
    if not found and len(text) >= _MIN_COMPARED_CHARS:
        found = _detect_by_frequent_words(text[:_MAX_TEXT_CHARS], ())
    # A short Japanese text may have no kana, and a Chinese one may quote many Latin words.
    return not found or found in languages or {found, *languages} >= {"ja", "zh"}
