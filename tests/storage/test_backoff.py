from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.backoff import backoff

WAITS = st.timedeltas(timedelta(milliseconds=50), timedelta(days=62))


@given(st.integers(1, 1000), WAITS, WAITS)
def test_each_failure_doubles_the_wait_up_to_the_longest(
    failures: int, first: timedelta, longest: timedelta
) -> None:
    wait, following = backoff(failures, first, longest), backoff(failures + 1, first, longest)
    assert min(first, longest) <= wait <= following <= longest
    assert following in (2 * wait, longest) or failures > 20


@given(st.integers(-9, 0), WAITS)
def test_without_a_failure_nothing_is_waited_for(failures: int, first: timedelta) -> None:
    assert backoff(failures, first) == timedelta(0)
    assert backoff(1, first) == first
