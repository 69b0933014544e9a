"""A database together with the scheme by which its texts are compared."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, delete, select

from dedup.signature.scheme import Scheme
from storage.engine import Connected
from storage.errors import SchemeError
from storage.index.fresh import Fresh
from storage.statements import insert_new
from storage.tables.articles import meta

_SCHEME, _NAME, _DRAWN = (
    "dedup.scheme",
    "dedup.scheme.name",
    "dedup.scheme.drawn",
)
_KEYS = (_SCHEME, _NAME, _DRAWN)


class Corpus(Connected):
    """What all parts of the database that deal with texts have in common."""

    def __init__(self, engine: Engine, scheme: Scheme | str, *, patience: float = 300) -> None:
        super().__init__(engine, patience=patience)
        self._scheme = scheme
        self.fresh = Fresh()

    @property
    def scheme(self) -> Scheme:
        """The numbers that texts are compared by, fixed when the database was made.

        Raises SchemeError if they were made by rules that this nkwire no longer has; reading and
        exporting go on without.
        """
        if isinstance(self._scheme, str):
            raise SchemeError(self._scheme)
        return self._scheme

    def adopt_scheme(self, scheme: Scheme) -> None:
        """Compare texts by another scheme from now on: all signatures were made anew by it."""
        self._scheme = scheme


def load_scheme(database: Connected, seed: int | None) -> Scheme | str:
    """The database's scheme, made now if it has none; a sentence if this version cannot follow it.

    `seed` is for a new database only; None: random.
    """
    held = database.read(_held)
    if not held:
        fresh = Scheme.new() if seed is None else Scheme(seed=seed)
        database.write(lambda connection: store_scheme(connection, fresh))
        held = database.read(_held)
    try:
        scheme = _scheme_of(held)
    except (TypeError, ValueError) as error:
        return _newer(error)
    if scheme.name != held[_NAME]:
        return (
            f"the database compares texts by scheme {held[_NAME]}, this nkwire by {scheme.name}:"
            " run `nkwire recluster` once"
        )
    if _DRAWN not in held:  # of an earlier nkwire
        database.write(lambda connection: store_scheme(connection, scheme))
    return scheme


def store_scheme(connection: Connection, scheme: Scheme) -> None:
    """Keep the scheme of a new database; without effect if another process was first.

    What was drawn for it is kept too: a later datasketch may draw otherwise, and to load this one
    takes longer than to place an article.
    """
    rows = [
        {"key": _SCHEME, "value": json.dumps(scheme.to_dict())},
        {"key": _NAME, "value": scheme.name},
        {"key": _DRAWN, "value": scheme.packed_multipliers.hex()},
    ]
    connection.execute(insert_new(connection, meta), rows)


def renewed_scheme(connection: Connection) -> Scheme:
    """The scheme by the rules of this version, with the seed and the numbers of the database.

    Raises SchemeError for a database of a newer version.
    """
    try:
        return _scheme_of(_held(connection))
    except (TypeError, ValueError) as error:
        raise SchemeError(_newer(error)) from None


def replace_scheme(connection: Connection, scheme: Scheme) -> None:
    """Follow another scheme from now on; all signatures must be replaced with it."""
    connection.execute(delete(meta).where(meta.c.key.in_(_KEYS)))
    store_scheme(connection, scheme)


def _scheme_of(held: Mapping[str, str]) -> Scheme:
    """Raises TypeError or ValueError for what this version cannot read."""
    scheme = Scheme.from_dict(json.loads(held[_SCHEME]))
    return scheme.with_packed_multipliers(bytes.fromhex(held[_DRAWN])) if _DRAWN in held else scheme


def _newer(error: Exception) -> str:
    return f"the database's dedup scheme is of a newer nkwire ({error}): upgrade nkwire"


def _held(connection: Connection) -> dict[str, str]:
    asked = select(meta.c.key, meta.c.value).where(meta.c.key.in_(_KEYS))
    return dict(connection.execute(asked).all())
