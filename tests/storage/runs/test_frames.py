"""What an outlet's pages have in common is kept between runs."""

from storage import Database


def test_a_frame_is_kept_and_replaced(database: Database) -> None:
    assert database.frames.load("daily") == (0, {})
    database.frames.save("daily", 3, {"link /world": 3, "class story": 2})
    database.frames.save("weekly", 1, {"id menu": 1})
    assert database.frames.load("daily") == (3, {"link /world": 3, "class story": 2})
    database.frames.save("daily", 4, {"link /world": 4})
    assert database.frames.load("daily") == (4, {"link /world": 4})
    assert database.frames.load("weekly") == (1, {"id menu": 1})
