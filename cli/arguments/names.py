"""Finds the articles, outlets and languages that a user names, and suggests another for a slip."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from cli.errors import UserError
from cli.show.printing import print_note
from storage.wording.similar_names import MAX_SUGGESTIONS, did_you_mean, fold_name, hint_at_similar

if TYPE_CHECKING:
    from storage import Database
    from storage.tables.columns import Names

IMPORTED = "ext:"
"""Before an id that an article was imported with, so that it is no number of ours."""
MAX_DIGITS = 18
"""Longer numbers do not fit into 64 bits, so nothing has them."""
_LANGUAGE_WORDS = {
    "ko": ("kr", "kp", "kor", "korean"),
    "ja": ("jp", "jpn", "japanese"),
    "zh": ("cn", "tw", "zho", "chi", "chinese", "mandarin"),
    "en": ("us", "gb", "eng", "english"),
    "ru": ("rus", "russian"),
    "de": ("ger", "deu", "german"),
    "fr": ("fra", "fre", "french"),
    "es": ("spa", "spanish"),
}
"""What people write instead of an ISO 639-1 code: countries, longer codes, names."""


def is_number(text: str) -> bool:
    """Whether a text is a number that an article, a story or a report can have."""
    return text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS


def find_article(database: "Database", name: str) -> int:
    """Returns our id of the article with this id, URL, key or imported id.

    A number is ours if an article has it, and else an imported id or a key; a line on standard
    error says where both are possible. `ext:` before a name makes it an imported id. Raises
    UserError if no article or more than one has this name, and NotFound for an unknown number.
    """
    name = name.strip()
    if name.startswith(IMPORTED):
        imported = name.removeprefix(IMPORTED)
        if ids := database.articles.find_imported(imported):
            return _only_article(name, ids)
        raise UserError(f"no article was imported with the id {imported!r}")
    ids = database.articles.find(name) if name else []  # most articles have no key
    if not is_number(name):
        return _only_article(name, ids)
    number = int(name)
    if database.articles.exists(number):
        if imported_ids := set(database.articles.find_imported(name)) - {number}:
            print_note(
                f"{name} is our number of this article; article {min(imported_ids)} was imported"
                f" with this id: {IMPORTED}{name}"
            )
        return number
    if not ids:
        return database.articles.get(number).id  # raises NotFound
    found = _only_article(name, ids)
    print_note(f"no article has our number {name}: article {found} has it as imported id or key")
    return found


def _only_article(name: str, ids: Sequence[int]) -> int:
    if not ids:
        raise UserError(f"no article {name!r}")
    if len(ids) > 1:
        raise UserError(
            f"{name!r} names several articles: give one of the ids {', '.join(map(str, ids))}"
        )
    return ids[0]


def check_outlet_names(names: Sequence[str]) -> list[str]:
    """Returns the names of declared outlets without repetitions.

    Case, blanks and hyphens are forgiven. Raises UserError for an undeclared outlet. The message
    suggests similar names.
    """
    declared = _declared_outlets()
    return list(dict.fromkeys(_find_outlet(name, (), declared) for name in names))


def find_outlets(database: "Database", names: str | Collection[str] | None) -> "Names | None":
    """Returns the outlets that these names mean, as a filter; None for none.

    An outlet is known if it is declared or if the database has it: imports bring others. One
    argument may name several, separated by commas. An outlet of the database goes before a declared
    one whose name differs only in case, blanks or hyphens. Raises UserError for an unknown name.
    """
    given = [names] if isinstance(names, str) else list(names or ())
    given = [name for name in given if name]
    if not given:
        return None
    stored = database.outlets.names()
    if all(name in stored for name in given):  # the registry of outlets need not be loaded
        found = given
    else:
        declared = _declared_outlets()
        known = {*stored, *declared}
        parts = [part for name in given for part in ([name] if name in known else name.split(","))]
        found = [_find_outlet(part, stored, declared) for part in parts]
        for name in dict.fromkeys(found):
            if name not in stored:
                _note_longer_names(name, stored - declared.keys())
    found = sorted(set(found))
    return found[0] if len(found) == 1 else found


def find_outlet(database: "Database", name: str) -> str | None:
    """Returns the outlet that a name means, for a command that sets something; None for "".

    The exact name of a declared outlet is that outlet, for only declared ones are crawled. Raises
    UserError as `find_outlets`, and for several names.
    """
    if name in _declared_outlets():
        return name
    found = find_outlets(database, name)
    if found is None or isinstance(found, str):
        return found
    raise UserError(f"{name!r} names {len(found)} outlets: give one")


def find_language(database: "Database", code: str) -> str | None:
    """Returns the language that a code means, as a filter; None for "".

    Raises UserError if the corpus has no article in it and no outlet declares it.
    """
    if not code or database.articles.has_language(code):
        return code or None
    folded = code.strip().lower()
    stored = database.articles.languages()
    known = {*stored, *_declared_languages()}
    if folded in known:
        return folded
    primary = folded.replace("_", "-").partition("-")[0]
    meant = [each for each, words in _LANGUAGE_WORDS.items() if primary in (each, *words)]
    if meant and meant[0] in known:
        raise UserError(f"no article in {code!r}: {did_you_mean(meant[:1])}")
    raise UserError(f"no article in {code!r}: {_list_languages(stored)}")


def _list_languages(stored: Sequence[str]) -> str:
    return f"there are articles in {', '.join(stored)}" if stored else "there are no articles yet"


def _find_outlet(name: str, stored: Collection[str], declared: Collection[str]) -> str:
    for names in (stored, declared):
        alike = [each for each in names if fold_name(each) == fold_name(name)]
        if name in alike:
            return name
        if len(alike) == 1:
            return alike[0]
        if alike:
            raise UserError(f"no outlet {name!r}: {did_you_mean(sorted(alike))}")
    elsewhere = " and `nkwire status`" if set(stored) - set(declared) else ""
    known = dict.fromkeys((*stored, *declared))
    hint = hint_at_similar(name, known, f"see `nkwire outlets`{elsewhere}")
    raise UserError(f"no outlet {name!r}: {hint}")


def _note_longer_names(name: str, imported: Collection[str]) -> None:
    """Prints a line if imported outlets have names that begin with one that has no articles."""
    folded = fold_name(name)
    longer = sorted(each for each in imported if fold_name(each).startswith(folded))
    if longer:
        hint = did_you_mean(longer[:MAX_SUGGESTIONS])
        print_note(f"the database has no articles of {name}: {hint}")


def _declared_outlets() -> Mapping[str, object]:
    from crawler.registry import outlets  # imports a module for each outlet

    return outlets()


def _declared_languages() -> set[str]:
    from crawler.registry import outlets

    return {language for outlet in outlets().values() for language in outlet.languages}
