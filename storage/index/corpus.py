"""Couples a database with the dedup scheme of its texts."""

from collections.abc import Mapping

import orjson
from sqlalchemy import Connection, Engine, delete, select

from dedup.signature.scheme import Scheme
from storage.engine import TransactionalEngine
from storage.errors import DedupSchemeError
from storage.index.pending_keys import PendingKeys
from storage.statements import insert_or_ignore
from storage.tables.meta import meta

_SCHEME_KEY, _SCHEME_NAME_KEY = "dedup.scheme", "dedup.scheme.name"


class Corpus(TransactionalEngine):
    """A database with its dedup scheme and the keys that wait for the inverted index.

    `scheme`: the scheme, or a message that says why this version of nkwire cannot use it.
    """

    def __init__(self, engine: Engine, scheme: Scheme | str, *, patience: float = 300) -> None:
        super().__init__(engine, patience=patience)
        self._scheme = scheme
        self.pending_keys = PendingKeys()

    @property
    def scheme(self) -> Scheme:
        """The seed and the parameters of all signatures, fixed when the database was created.

        Raises DedupSchemeError if this version of nkwire cannot use them; reading and exporting
        still work then.
        """
        if isinstance(self._scheme, str):
            raise DedupSchemeError(self._scheme)
        return self._scheme

    def adopt_scheme(self, scheme: Scheme) -> None:
        """Uses another scheme from now on; all signatures must have been computed with it."""
        self._scheme = scheme


def load_scheme(database: TransactionalEngine, seed: int | None) -> Scheme | str:
    """Returns the scheme of the database, or an error message if this version cannot use it.

    Stores a new scheme if there is none; `seed` is its seed, None means a random one.
    """
    stored = database.read(_load_scheme_values)
    if not stored and database.reading_only:
        return "the database has no dedup scheme yet: `nkwire upgrade` makes one"
    if not stored:
        new_scheme = Scheme.new() if seed is None else Scheme(seed=seed)
        database.write(lambda connection: store_scheme(connection, new_scheme))
        stored = database.read(_load_scheme_values)
    try:
        scheme = _parse_scheme(stored)
    except (TypeError, ValueError) as error:
        return _newer_scheme_message(error)
    if scheme.name != stored[_SCHEME_NAME_KEY]:
        return (
            f"the database compares texts by scheme {stored[_SCHEME_NAME_KEY]},"
            f" this nkwire by {scheme.name}: run `nkwire recluster` once"
        )
    return scheme


def store_scheme(connection: Connection, scheme: Scheme) -> None:
    """Stores the scheme of a new database; does nothing if another process was first."""
    rows = [
        {"key": _SCHEME_KEY, "value": orjson.dumps(scheme.to_dict()).decode()},
        {"key": _SCHEME_NAME_KEY, "value": scheme.name},
    ]
    connection.execute(insert_or_ignore(connection, meta), rows)


def load_renewed_scheme(connection: Connection) -> Scheme:
    """Returns the scheme of this version of nkwire with the seed and parameters of the database.

    Raises DedupSchemeError if a newer nkwire wrote the scheme.
    """
    try:
        return _parse_scheme(_load_scheme_values(connection))
    except (TypeError, ValueError) as error:
        raise DedupSchemeError(_newer_scheme_message(error)) from None


def replace_scheme(connection: Connection, scheme: Scheme) -> None:
    """Replaces the stored scheme; all signatures must be replaced in the same transaction."""
    connection.execute(delete(meta).where(meta.c.key.in_((_SCHEME_KEY, _SCHEME_NAME_KEY))))
    store_scheme(connection, scheme)


def _parse_scheme(stored: Mapping[str, str]) -> Scheme:
    """Parses stored values. Raises TypeError or ValueError if this version cannot read them."""
    return Scheme.from_dict(orjson.loads(stored[_SCHEME_KEY]))


def _newer_scheme_message(error: Exception) -> str:
    return f"the database's dedup scheme is of a newer nkwire ({error}): upgrade nkwire"


def _load_scheme_values(connection: Connection) -> dict[str, str]:
    query = select(meta.c.key, meta.c.value).where(meta.c.key.in_((_SCHEME_KEY, _SCHEME_NAME_KEY)))
    return dict(connection.execute(query).all())
