"""The language of a text: what the page says, held against the script that it is written in."""

from collections.abc import Sequence

from crawler.extract.scripts import OF_LANGUAGE, shares

_BY_SCRIPT = {"hangul": "ko", "thai": "th", "burmese": "my", "hebrew": "he", "greek": "el",
              "devanagari": "hi"}  # fmt: skip
_SEEN = 3000
_LEAST = 0.25


def language_of(text: str, said: str = "", declared: Sequence[str] = ()) -> tuple[str, str]:
    """Give an ISO 639-1 code ("" if unknown) and the evidence.

    `said`: the page's own mark ("en-GB", "ja_jp"). `declared`: the outlet's languages.
    """
    if len(declared) == 1:
        return declared[0], "declaration"
    found = _by_script(text[:_SEEN])
    if found and (not declared or found in declared):
        return found, "script"
    marked = said.strip().lower().replace("_", "-").split("-")[0]
    known = marked in declared if declared else 2 <= len(marked) <= 3 and marked.isalpha()
    if known and _agrees(text, marked):
        return marked, "page"
    return _by_statistics(text, declared)


def _by_script(text: str) -> str:
    found = shares(text)
    if found.get("kana", 0.0) > 0.1:
        return "ja"
    for script, language in _BY_SCRIPT.items():
        if found.get(script, 0.0) > _LEAST:
            return language
    return "zh" if found.get("han", 0.0) > 0.5 else ""


def _agrees(text: str, language: str) -> bool:
    """Say whether a text's script is one that the language is written in."""
    found = shares(text[:_SEEN])
    own = OF_LANGUAGE.get(language)
    if own:
        return any(found.get(script, 0.0) > 0.1 for script in own)
    return max(found.values(), default=0.0) < _LEAST


def _by_statistics(text: str, declared: Sequence[str]) -> tuple[str, str]:
    if len(text) < 40:
        return (declared[0], "declaration") if declared else ("", "")
    # 40 ms to import and a model to load: only where nothing else tells.
    from py3langid.langid import rank

    for language, _ in rank(text[:_SEEN]):
        if not declared or language in declared:
            return str(language), "statistics"
    return (declared[0], "declaration") if declared else ("", "")
