import json
import os
import stat
import sys
from pathlib import Path

import pytest

from storage.backup.backup import back_up
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import StorageError

pytestmark = pytest.mark.threats("S13")
FAKE = """#!{python}
import json, os, sys, pathlib
service = pathlib.Path(os.environ["PGSERVICEFILE"])
json.dump({{"arguments": sys.argv, "password": os.environ.get("PGPASSWORD"),
           "service": service.read_text(), "mode": service.stat().st_mode,
           "folder": service.parent.stat().st_mode}}, open({out!r}, "w"))
sys.stderr.write("connection failed: " + os.environ.get("PGPASSWORD", "") + "\\n")
sys.exit({code})
"""


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pg_dump that writes down what it is given."""
    programs, out = tmp_path / "programs", tmp_path / "seen.json"
    programs.mkdir()
    program = programs / "pg_dump"
    program.write_text(FAKE.format(python=sys.executable, out=str(out), code=1))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    return out


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:planted-secret@127.0.0.1:5433/news?sslpassword=planted-key",
        "postgresql://u:planted%2Dsecret@127.0.0.1:5433/news?sslpassword=planted-key",
        "postgresql://u@127.0.0.1:5433/news?password=planted-secret&sslpassword=planted-key",
        "postgresql:///news?host=127.0.0.1&port=5433&user=u&password=planted-secret&sslpassword=planted-key",
    ],
    ids=["userinfo", "percent-coded", "parameter", "all parameters"],
)
def test_no_secret_is_among_the_arguments_of_pg_dump(url: str, seen: Path, tmp_path: Path) -> None:
    database = TransactionalEngine(make_engine(parse_url(url), create=False))
    with pytest.raises(StorageError) as told:
        back_up(database, tmp_path / "backup")
    given = json.loads(seen.read_text())
    assert "planted" not in " ".join(given["arguments"])
    assert given["password"] == "planted-secret"
    lines = set(given["service"].splitlines())
    assert {"[nkwire]", "host=127.0.0.1", "port=5433", "dbname=news", "user=u"} <= lines
    assert "sslpassword=planted-key" in lines
    assert stat.S_IMODE(given["mode"]) == 0o600
    assert stat.S_IMODE(given["folder"]) == 0o700
    assert str(told.value) == "pg_dump failed: connection failed: ***"
    assert not (tmp_path / "backup").exists()
