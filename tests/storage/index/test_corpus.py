from collections.abc import Callable

from sqlalchemy import Connection, func, select

from storage import Database, open_database
from storage.index.corpus import load_renewed_scheme
from storage.records import Article
from storage.tables.articles import signature
from storage.tables.meta import meta

Make = Callable[..., Article]

DRAWN = "dedup.scheme.drawn"


def held(database: Database) -> str | None:
    asked = select(meta.c.value).where(meta.c.key == DRAWN)
    return database.read(lambda connection: connection.scalar(asked))


def keep(value: str | None) -> Callable[[Connection], None]:
    def change(connection: Connection) -> None:
        connection.execute(meta.delete().where(meta.c.key == DRAWN))
        if value is not None:
            connection.execute(meta.insert(), {"key": DRAWN, "value": value})

    return change


def test_a_database_keeps_what_its_signatures_are_made_with(
    database: Database, corpus_url: str
) -> None:
    with open_database(corpus_url) as again:
        assert (
            again.scheme.packed_multipliers.hex()
            == held(database)
            == database.scheme.packed_multipliers.hex()
        )


def test_a_database_of_an_earlier_version_keeps_it_from_now_on(
    database: Database, corpus_url: str
) -> None:
    before = held(database)
    database.write(keep(None))
    with open_database(corpus_url) as upgraded:
        assert held(upgraded) == before == upgraded.scheme.packed_multipliers.hex()


def test_texts_are_signed_with_what_is_kept_whatever_datasketch_would_draw(
    database: Database, corpus_url: str, make: Make
) -> None:
    """Also when a re-clustering signs all anew."""
    other = bytes(reversed(database.scheme.packed_multipliers))
    database.save([make(1)])
    database.write(keep(other.hex()))
    with open_database(corpus_url) as drawn_otherwise:
        drawn_otherwise.save([make(1, url="https://example.org/again")])
        signed = drawn_otherwise.read(
            lambda c: c.scalar(select(func.count(signature.c.signature.distinct())))
        )
        assert signed == 2
        assert drawn_otherwise.read(load_renewed_scheme).packed_multipliers == other
