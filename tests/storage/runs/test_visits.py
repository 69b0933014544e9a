from datetime import UTC, datetime, timedelta

from storage import Database
from storage.records import CaptureOutcome

OFF_TOPIC, GONE = CaptureOutcome.OFF_TOPIC, CaptureOutcome.GONE
NOW = datetime.now(UTC).replace(microsecond=0)


def test_a_visited_address_is_remembered_with_its_last_visit(database: Database) -> None:
    database.visits.record("herald", {"a": (NOW, OFF_TOPIC), "b": (NOW, GONE)})
    later = NOW + timedelta(hours=3)
    database.visits.record("herald", {"a": (later, OFF_TOPIC)})
    database.visits.record("herald", {"b": (NOW - timedelta(hours=1), GONE)})
    assert database.visits.find("herald", ["a", "b", "c"]) == {
        "a": (later, OFF_TOPIC),
        "b": (NOW, GONE),
    }


def test_visits_belong_to_one_outlet(database: Database) -> None:
    database.visits.record("herald", {"a": (NOW, OFF_TOPIC)})
    assert database.visits.find("radio", ["a"]) == {}


def test_old_visits_are_forgotten(database: Database) -> None:
    database.visits.record("herald", {"old": (NOW - timedelta(days=100), GONE)})
    database.visits.record("herald", {"new": (NOW, GONE)})
    assert set(database.visits.find("herald", ["old", "new"])) == {"new"}


def test_nothing_to_note_writes_nothing(database: Database) -> None:
    database.visits.record("herald", {})
    assert database.visits.find("herald", []) == {}
