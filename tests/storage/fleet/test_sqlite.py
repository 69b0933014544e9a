"""Where there are no workers, nothing is asked of job tables."""

from collections.abc import Callable

import pytest

from storage import open_database
from storage.errors import SchemaError
from storage.fleet.job_tables import have_jobs


def test_sqlite_has_no_workers_and_says_why(new_corpus: Callable[[str], str]) -> None:
    with open_database(new_corpus("sqlite")) as opened:
        assert not opened.read(have_jobs)
        assert opened.workers.status().lines() == []
        with pytest.raises(SchemaError, match="workers need PostgreSQL"):
            opened.jobs.make_tables("", "3.10")
