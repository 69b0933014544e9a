from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.changes.article_state import (
    ArticleState,
    Observation,
    ObservationKind,
    classify_outcome,
    replay_observations,
)
from storage.records import CaptureOutcome

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def looks(told: str) -> list[Observation]:
    """`P0 M1 m2 U3 D4 L5`: present, missing (m: without a witness), unclear, dropped, listed; by day."""
    signs = {
        "P": ObservationKind.PRESENT,
        "M": ObservationKind.MISSING,
        "m": ObservationKind.MISSING,
        "U": ObservationKind.UNCLEAR,
        "D": ObservationKind.DROPPED,
        "L": ObservationKind.LISTED,
    }
    return [
        Observation(day(float(each[1:])), signs[each[0]], witnessed=each[0] != "m")
        for each in told.split()
    ]


def told(looks: Sequence[Observation]) -> list[tuple[str, float | None, float]]:
    """The transitions as (state, after, before) in days."""
    _, made = replay_observations(looks)
    return [
        (t.state.value, (t.after - START).days if t.after else None, (t.before - START).days)
        for t in made
    ]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("P0 P1 P3", []),
        ("P0 M1", [("missing", 0, 1)]),
        ("P0 M1 P2", [("missing", 0, 1), ("restored", 1, 2)]),
        ("P0 M1 M2 M16", [("missing", 0, 1), ("gone", 0, 1)]),
        ("P0 M1 M16", [("missing", 0, 1)]),
        ("P0 M1 M2 M3 M14", [("missing", 0, 1)]),
        ("P0 M1 M2 M16 P20", [("missing", 0, 1), ("gone", 0, 1), ("restored", 16, 20)]),
        ("P0 U1 U2 U20", []),
        ("P0 m1 m2 m20", []),
        ("P0 m1 M2", [("missing", 0, 2)]),
        ("P0 M1 U2 M3 U9 M16", [("missing", 0, 1), ("gone", 0, 1)]),
        ("P0 D2 L4", [("unlisted", None, 2), ("live", None, 4)]),
        ("P0 D2 M3", [("unlisted", None, 2), ("missing", 0, 3)]),
        ("P0 M1 D2", [("missing", 0, 1)]),
        ("P0 M1 P2 M3", [("missing", 0, 1), ("restored", 1, 2), ("missing", 2, 3)]),
    ],
    ids=[
        "there",
        "missed-once",
        "came-back",
        "gone",
        "two-checks-are-not-enough",
        "thirteen-days-are-not-enough",
        "came-back-late",
        "outage",
        "no-witness",
        "witness-later",
        "outages-in-between",
        "relisted",
        "unlisted-then-missing",
        "dropped-after-it-was-missed",
        "again",
    ],
)
def test_states_follow_from_what_was_seen(
    story: str, expected: list[tuple[str, float | None, float]]
) -> None:
    assert told(looks(story)) == expected


@given(st.permutations(looks("P0 M1 m2 U3 M4 M17 P20 D21 L22 M23")))
def test_the_order_of_arrival_does_not_matter(shuffled: list[Observation]) -> None:
    assert replay_observations(shuffled) == replay_observations(
        looks("P0 M1 m2 U3 M4 M17 P20 D21 L22 M23")
    )


@given(st.lists(st.sampled_from("PMmUDL"), max_size=30))
def test_nothing_vanishes_without_a_witness(signs: list[str]) -> None:
    story = " ".join(f"{sign.replace('M', 'm')}{i}" for i, sign in enumerate(signs))
    _, made = replay_observations(looks(story))
    assert {t.state for t in made} <= {ArticleState.UNLISTED, ArticleState.LIVE}


@pytest.mark.parametrize(
    ("outcome", "sight"),
    [
        (CaptureOutcome.EDITED, ObservationKind.PRESENT),
        (CaptureOutcome.NOT_MODIFIED, ObservationKind.PRESENT),
        (CaptureOutcome.MOVED, ObservationKind.PRESENT),
        (CaptureOutcome.GONE, ObservationKind.MISSING),
        (CaptureOutcome.UNCLEAR, ObservationKind.UNCLEAR),
        (CaptureOutcome.NOT_ARTICLE, ObservationKind.UNCLEAR),
        (CaptureOutcome.OFF_TOPIC, ObservationKind.UNCLEAR),
    ],
)
def test_outcomes_of_captures_are_understood(
    outcome: CaptureOutcome, sight: ObservationKind
) -> None:
    assert classify_outcome(outcome) is sight
