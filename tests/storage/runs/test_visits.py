from datetime import UTC, datetime, timedelta

from storage import Database

NOW = datetime.now(UTC).replace(microsecond=0)


def test_a_visited_address_is_remembered_with_its_last_visit(database: Database) -> None:
    database.visits.record("herald", {"a": (NOW, "off topic"), "b": (NOW, "gone")})
    later = NOW + timedelta(hours=3)
    database.visits.record("herald", {"a": (later, "off topic")})
    database.visits.record("herald", {"b": (NOW - timedelta(hours=1), "gone")})
    assert database.visits.find("herald", ["a", "b", "c"]) == {
        "a": (later, "off topic"),
        "b": (NOW, "gone"),
    }


def test_visits_belong_to_one_outlet(database: Database) -> None:
    database.visits.record("herald", {"a": (NOW, "off topic")})
    assert database.visits.find("radio", ["a"]) == {}


def test_old_visits_are_forgotten(database: Database) -> None:
    database.visits.record("herald", {"old": (NOW - timedelta(days=100), "gone")})
    database.visits.record("herald", {"new": (NOW, "gone")})
    assert set(database.visits.find("herald", ["old", "new"])) == {"new"}


def test_nothing_to_note_writes_nothing(database: Database) -> None:
    database.visits.record("herald", {})
    assert database.visits.find("herald", []) == {}
