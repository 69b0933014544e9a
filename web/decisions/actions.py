"""Declares what the forms ask for, and stores what each of them says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.errors import InvalidRequest
from storage.reports import deciding
from web.parameters import MAX_YEAR, MIN_YEAR, parse_number

MAX_NOTE_CHARS = 500
WORK_SECONDS = 5.0
"""How long a form waits for reports to be worked out; the next run works out the rest."""
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """A form. `fields`: those that it must have, beside `form_token`, `note` and `next`."""

    path: str
    fields: tuple[str, ...]
    store: Callable[[Database, Fields], object]


def read_note(fields: Fields) -> str:
    """Returns the reason that a person wrote. Raises InvalidRequest if it is too long."""
    note = fields.get("note", "").strip()
    if len(note) > MAX_NOTE_CHARS:
        raise InvalidRequest(f"a note has at most {MAX_NOTE_CHARS} characters, not {len(note):,}")
    return note


def _merge(database: Database, fields: Fields) -> object:
    a, b = parse_number(fields["a"]), parse_number(fields["b"])
    return deciding.merge(database, a, b, read_note(fields), max_seconds=WORK_SECONDS)


def _split(database: Database, fields: Fields) -> object:
    article = parse_number(fields["article"])
    return deciding.split(database, article, None, read_note(fields), max_seconds=WORK_SECONDS)


def _undo(database: Database, fields: Fields) -> object:
    return deciding.undo(database, _parse_moment(fields["at"]), max_seconds=WORK_SECONDS)


def _rule(database: Database, fields: Fields) -> object:
    if fields["boring"] not in ("0", "1"):
        raise InvalidRequest("an edit is boring (1) or not (0)")
    change, is_boring = parse_number(fields["change"]), fields["boring"] == "1"
    database.changes.set_ruling(change, boring=is_boring, note=read_note(fields))
    return None


def _unrule(database: Database, fields: Fields) -> object:
    database.changes.remove_ruling(parse_number(fields["old"]), parse_number(fields["new"]))
    return None


def _parse_moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or not MIN_YEAR <= at.year <= MAX_YEAR:
        raise InvalidRequest(f"{text[:40]!r} is not a time")
    if at.tzinfo is None:
        raise InvalidRequest(f"{text[:40]!r} has no zone")
    return at


ACTIONS = (
    Action("/decisions/merge", ("a", "b"), _merge),
    Action("/decisions/split", ("article",), _split),
    Action("/decisions/undo", ("at",), _undo),
    Action("/decisions/rule", ("change", "boring"), _rule),
    Action("/decisions/unrule", ("old", "new"), _unrule),
)
