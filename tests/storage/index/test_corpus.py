from storage import Database, open_database
from storage.index.corpus import load_renewed_scheme


def test_a_database_keeps_its_scheme(database: Database, corpus_url: str) -> None:
    with open_database(corpus_url) as again:
        assert again.scheme == database.scheme == again.read(load_renewed_scheme)
