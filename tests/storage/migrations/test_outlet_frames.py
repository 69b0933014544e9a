"""The upgrade makes room for frames, and keeps the outlets of before."""

from storage import open_database
from tests.storage.migrations.conftest import MakeOld

OUTLETS = """
INSERT INTO outlet (name, rank, added_at) VALUES
 ('agency', 0, '2026-03-01 12:00:00'), ('daily', 9, '2026-03-01 12:00:00')
"""


def test_outlets_of_before_get_a_frame(database_url: str, make_old: MakeOld) -> None:
    make_old("0020", OUTLETS)
    with open_database(database_url) as database:
        assert database.frames.load("daily") == (0, {})
        database.frames.save("daily", 2, {"link /world": 2})
        database.frames.save("agency", 1, {"id menu": 1})
    with open_database(database_url) as database:
        assert database.frames.load("daily") == (2, {"link /world": 2})
        assert database.frames.load("agency") == (1, {"id menu": 1})
