"""A database together with the scheme by which its texts are compared."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, delete, select

from dedup.signature.scheme import Scheme
from storage.engine import TransactionalEngine
from storage.errors import DedupSchemeError
from storage.index.pending_keys import PendingKeys
from storage.statements import insert_or_ignore
from storage.tables.articles import meta

_SCHEME_KEY, _SCHEME_NAME_KEY, _MULTIPLIERS_KEY = (
    "dedup.scheme",
    "dedup.scheme.name",
    "dedup.scheme.drawn",
)
_ALL_SCHEME_KEYS = (_SCHEME_KEY, _SCHEME_NAME_KEY, _MULTIPLIERS_KEY)


class Corpus(TransactionalEngine):
    """What all parts of the database that deal with texts have in common."""

    def __init__(self, engine: Engine, scheme: Scheme | str, *, patience: float = 300) -> None:
        super().__init__(engine, patience=patience)
        self._scheme = scheme
        self.pending_keys = PendingKeys()

    @property
    def scheme(self) -> Scheme:
        """The numbers that texts are compared by, fixed when the database was made.

        Raises SchemeError if they were made by rules that this nkwire no longer has; reading and
        exporting go on without.
        """
        if isinstance(self._scheme, str):
            raise DedupSchemeError(self._scheme)
        return self._scheme

    def adopt_scheme(self, scheme: Scheme) -> None:
        """Compare texts by another scheme from now on: all signatures were made anew by it."""
        self._scheme = scheme


def load_scheme(database: TransactionalEngine, seed: int | None) -> Scheme | str:
    """The database's scheme, made now if it has none; a sentence if this version cannot follow it.

    `seed` is for a new database only; None: random.
    """
    held = database.read(_load_scheme_values)
    if not held:
        fresh = Scheme.new() if seed is None else Scheme(seed=seed)
        database.write(lambda connection: store_scheme(connection, fresh))
        held = database.read(_load_scheme_values)
    try:
        scheme = _parse_scheme(held)
    except (TypeError, ValueError) as error:
        return _newer_scheme_message(error)
    if scheme.name != held[_SCHEME_NAME_KEY]:
        return (
            f"the database compares texts by scheme {held[_SCHEME_NAME_KEY]}, this nkwire by {scheme.name}:"
            " run `nkwire recluster` once"
        )
    if _MULTIPLIERS_KEY not in held:  # of an earlier nkwire
        database.write(lambda connection: store_scheme(connection, scheme))
    return scheme


def store_scheme(connection: Connection, scheme: Scheme) -> None:
    """Keep the scheme of a new database; without effect if another process was first.

    What was drawn for it is kept too: a later datasketch may draw otherwise, and to load this one
    takes longer than to place an article.
    """
    rows = [
        {"key": _SCHEME_KEY, "value": json.dumps(scheme.to_dict())},
        {"key": _SCHEME_NAME_KEY, "value": scheme.name},
        {"key": _MULTIPLIERS_KEY, "value": scheme.packed_multipliers.hex()},
    ]
    connection.execute(insert_or_ignore(connection, meta), rows)


def load_renewed_scheme(connection: Connection) -> Scheme:
    """The scheme by the rules of this version, with the seed and the numbers of the database.

    Raises SchemeError for a database of a newer version.
    """
    try:
        return _parse_scheme(_load_scheme_values(connection))
    except (TypeError, ValueError) as error:
        raise DedupSchemeError(_newer_scheme_message(error)) from None


def replace_scheme(connection: Connection, scheme: Scheme) -> None:
    """Follow another scheme from now on; all signatures must be replaced with it."""
    connection.execute(delete(meta).where(meta.c.key.in_(_ALL_SCHEME_KEYS)))
    store_scheme(connection, scheme)


def _parse_scheme(held: Mapping[str, str]) -> Scheme:
    """Raises TypeError or ValueError for what this version cannot read."""
    scheme = Scheme.from_dict(json.loads(held[_SCHEME_KEY]))
    return (
        scheme.with_packed_multipliers(bytes.fromhex(held[_MULTIPLIERS_KEY]))
        if _MULTIPLIERS_KEY in held
        else scheme
    )


def _newer_scheme_message(error: Exception) -> str:
    return f"the database's dedup scheme is of a newer nkwire ({error}): upgrade nkwire"


def _load_scheme_values(connection: Connection) -> dict[str, str]:
    asked = select(meta.c.key, meta.c.value).where(meta.c.key.in_(_ALL_SCHEME_KEYS))
    return dict(connection.execute(asked).all())
