"""After the upgrade a run names its machine and who started it; runs of before name neither."""

from socket import gethostname

from storage import open_database
from storage.files.machine import machine_name
from tests.storage.migrations.conftest import MakeOld

OLD = """
INSERT INTO outlet (name, rank, added_at) VALUES ('agency', 0, '2026-03-01 12:00:00');
INSERT INTO run (id, outlet, kind, host, pid, started_at, cause)
 VALUES (1, 'agency', 'crawl', 'host-a', 7, '2026-03-01 12:00:00', '')
"""


def test_runs_of_before_have_neither_machine_nor_owner(
    database_url: str, make_old: MakeOld
) -> None:
    make_old("0022", OLD)
    with open_database(database_url) as database:
        begun = database.runs.begin("agency", owner="host-b:7:0a1b2c3d:1790000000")
        new, old = database.runs.latest()
        assert (old.host, old.pid, old.machine, old.owner) == ("host-a", 7, "", "")
        assert new == begun
        assert (new.host, new.machine) == (gethostname(), machine_name())
        assert new.owner == "host-b:7:0a1b2c3d:1790000000"
