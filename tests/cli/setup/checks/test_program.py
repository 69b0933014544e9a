import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.setup.checks.finding import Status
from cli.setup.checks.program import (
    EXTRAS,
    is_older,
    judge_extras,
    judge_versions,
    read_requirements,
)


@pytest.mark.parametrize(
    ("there", "bound", "older"),
    [
        ("2.18.9", "2.19", True),
        ("2.19", "2.19.0", False),
        ("2.19.1", "2.19", False),
        ("3.0rc1", "2.19", False),
        ("0.0.44.post1", "0.0.44", False),
        ("10.0", "9.9", False),
    ],
)
def test_versions_are_compared_by_their_numbers(there: str, bound: str, older: bool) -> None:
    assert is_older(there, bound) is older


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_a_version_is_not_older_than_itself(numbers: list[int]) -> None:
    text = ".".join(map(str, numbers))
    assert not is_older(text, text)
    assert is_older(text, f"{numbers[0] + 1}.0")


def test_lower_bounds_are_read_from_the_metadata() -> None:
    lines = [
        "APScheduler<4,>=3.11",
        "psycopg[binary]>=3.2",
        "backports.zstd>=1.3; python_version < '3.14'",
        "numba>=0.61; extra == 'fast'",
        "plain",
    ]
    assert read_requirements(lines) == [("apscheduler", "3.11"), ("psycopg", "3.2")]


def test_what_is_missing_or_too_old_is_named() -> None:
    bounds = [("scrapy", "2.19"), ("typer", "0.26"), ("rich", "14.0")]
    found = {"scrapy": "2.11", "typer": "", "rich": "14.1"}
    said = judge_versions(bounds, found.__getitem__, "3.30.1")
    assert said.status is Status.PROBLEM
    assert "typer is missing" in said.detail
    assert "scrapy 2.11 (needs 2.19) is too old" in said.detail
    assert "SQLite 3.30.1 (needs 3.35) is too old" in said.detail
    assert judge_versions(bounds[2:], found.__getitem__, "3.45").status is Status.OK


def test_optional_libraries_are_never_a_problem() -> None:
    said = judge_extras(dict.fromkeys(EXTRAS.values(), False))
    assert said.status is Status.OK
    assert "pip install 'nkwire[parquet,fast,fleet,pandas,polars,plot,s3]'" in said.detail
