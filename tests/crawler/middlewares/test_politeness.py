import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.crawl.polls import SourcePolls
from crawler.crawl.source_backoff import FailureSeverity
from crawler.middlewares.retry_after import parse_retry_after
from crawler.middlewares.robots import RobotsCache
from storage.records import SourceState

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)


@pytest.mark.threats("R1")
@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (b"5", 5.0),
        (b" 120 ", 120.0),
        (b"99999999999999", 999999999.0),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True).encode(), 30.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True).encode(), 0.0),
        (b"soon", None),
        (b"-5", None),
        (b"", None),
        (None, None),
    ],
)
def test_r1_retry_after_is_seconds_or_a_date(header: bytes | None, pause: float | None) -> None:
    assert parse_retry_after(header, NOW) == pause


@pytest.mark.threats("R1")
@given(st.binary(max_size=60))
def test_no_retry_after_makes_reading_fail(header: bytes) -> None:
    found = parse_retry_after(header, NOW)
    assert found is None or found >= 0


@pytest.mark.threats("R2")
def test_r2_a_copy_of_robots_is_good_for_a_day(tmp_path: Path) -> None:
    kept = RobotsCache(tmp_path / "robots")
    assert kept.read("https://kcna.kp") is None
    assert kept.write("https://kcna.kp", b"User-agent: *") is False
    assert kept.read("https://kcna.kp") == b"User-agent: *"
    assert kept.read("http://kcna.kp") is None
    (file,) = (tmp_path / "robots").iterdir()
    yesterday = time.time() - 24 * 3600 - 60
    os.utime(file, (yesterday, yesterday))
    assert kept.read("https://kcna.kp") is None


@pytest.mark.threats("R2")
def test_r2_a_change_of_robots_is_noticed(tmp_path: Path) -> None:
    kept = RobotsCache(tmp_path)
    kept.write("https://kcna.kp", b"a")
    assert kept.write("https://kcna.kp", b"a") is False
    assert kept.write("https://kcna.kp", b"b") is True


def test_a_copy_that_cannot_be_kept_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = RobotsCache(tmp_path / "file" / "below")
    assert kept.write("https://kcna.kp", b"a") is False
    assert kept.read("https://kcna.kp") is None


def polls(**fields: object) -> SourcePolls:
    known = SourcePolls("herald")
    state = {"etag": '"1"', "last_modified": "x", "changed_at": NOW, "body_sha256": "0", **fields}
    known.previous_states["feed"] = SourceState(outlet="herald", source="feed", **state)  # type: ignore[arg-type]
    return known


def test_validators_are_sent_while_the_last_change_is_fresh() -> None:
    assert polls().conditional_headers("feed", NOW + timedelta(hours=1)) == {
        "If-None-Match": '"1"',
        "If-Modified-Since": "x",
    }
    assert polls().conditional_headers("feed", NOW + timedelta(hours=25)) == {}
    assert polls().conditional_headers("other", NOW) == {}


def test_the_bodys_hash_says_whether_a_source_changed() -> None:
    known = polls()
    assert known.record_response("feed", b"one", '"2"', "", NOW)
    known.previous_states["feed"] = known.new_states["feed"]
    assert not known.record_response("feed", b"one", '"3"', "", NOW + timedelta(hours=1))
    assert known.new_states["feed"].changed_at == NOW
    assert known.new_states["feed"].polled_at == NOW + timedelta(hours=1)


def test_failures_of_a_source_are_counted_until_it_answers() -> None:
    known = polls(failures=2)
    known.record_failure("feed", FailureSeverity.SOFT, "HTTP status 404", NOW, timedelta(hours=1))
    assert known.new_states["feed"].failures == 3
    assert known.new_states["feed"].problem == "HTTP status 404"
    known.record_not_modified("feed", NOW)
    assert known.new_states["feed"].failures == 0
