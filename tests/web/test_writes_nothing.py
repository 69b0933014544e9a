"""The web process reads: it cannot write, it does not try, and what it holds survives a kill."""

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, event, text

from storage import open_database
from storage.errors import StorageError
from storage.invariants import check_invariants
from storage.tables.articles import metadata
from tests.web import corpus
from tests.web.conftest import DECLARED, serving
from tests.web.guard.every_address import EVERY_ADDRESS
from web.corpus import Corpus
from web.options import WebOptions

_READS = re.compile(
    r"\s*(?:SELECT|WITH|PRAGMA (?:data_version|query_only)|BEGIN\b(?! IMM)|EXPLAIN)", re.IGNORECASE
)
_SETTINGS = re.compile(r"\s*(?:SET|SHOW|PRAGMA \w+\s*(?:=|$)|COMMIT|ROLLBACK)", re.IGNORECASE)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with the invented corpus."""
    if request.param == "sqlite":
        filled = request.getfixturevalue("filled_sqlite")
        yield f"sqlite:///{shutil.copy(filled, tmp_path / 'nkwire.db')}"
        return
    server = request.getfixturevalue("postgres_server")
    made = server.new_database(request.getfixturevalue("empty_postgres"))
    with open_database(made) as database:
        corpus.fill(database)
    yield made
    server.drop_database(made)


def test_the_database_of_the_web_process_refuses_every_change(url: str) -> None:
    shown = Corpus(url)
    database = shown.open()
    for table in metadata.sorted_tables:
        for statement in (f'DELETE FROM "{table.name}"', f'DROP TABLE "{table.name}"'):
            with pytest.raises(StorageError), database.reading() as connection:
                connection.execute(text(statement))
    with pytest.raises(StorageError):
        database.write(lambda connection: connection.execute(text("DELETE FROM article")))
    with pytest.raises(StorageError):
        database.decisions.remove(1, 2)
    assert database.articles.count() == len(corpus.article_keys())
    shown.close()


def test_no_statement_of_any_page_writes(url: str) -> None:
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    with serving(WebOptions(database_url=url, port=0, outlets=DECLARED)) as site:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            answers = [site.get(address).status for address in EVERY_ADDRESS]
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    assert answers.count(200) > len(answers) / 2
    assert len(statements) > len(answers)
    odd = [each for each in statements if not (_READS.match(each) or _SETTINGS.match(each))]
    assert odd == []
    assert not [each for each in statements if re.search(r"\bINTO\b|FOR UPDATE", each)]


def test_the_file_stays_as_it_is(filled_sqlite: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(filled_sqlite, tmp_path / "nkwire.db"))
    other = sqlite3.connect(path)
    other.execute("SELECT count(*) FROM article").fetchone()
    before = other.execute("PRAGMA data_version").fetchone()
    with serving(WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=DECLARED)) as site:
        for address in EVERY_ADDRESS:
            site.get(address)
    assert other.execute("PRAGMA data_version").fetchone() == before
    other.close()


_SERVE = """
import sys
from web.options import WebOptions
from web.server import serve
options = WebOptions(database_url=sys.argv[1], port=0, decide=True, sign_in_code="c" * 32)
serve(options, lambda port: print(port, flush=True))
"""


class Desk:
    """A web process of its own with a person who signed in, to be killed."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-c", _SERVE, f"sqlite:///{path}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        _, cookie, _ = self.ask("POST", "/sign-in", {"code": "c" * 32})
        self.cookie = cookie.partition(";")[0]
        _, _, page = self.ask("GET", "/decisions")
        found = re.search(r'name="form_token" value="([^"]+)"', page)
        self.token = found[1] if found else ""

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "Cookie": getattr(self, "cookie", ""),
        }
        connection.request(method, path, urlencode(fields or {}), headers)
        answer = connection.getresponse()
        found = answer.status, answer.getheader("set-cookie") or "", answer.read().decode()
        connection.close()
        return found

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
        assert self.process.stdout
        self.process.stdout.close()


@pytest.mark.parametrize("delay", [0.0, 0.004, 0.012, 0.03, 0.08])
def test_a_process_killed_at_a_decision_leaves_it_whole_or_not_made(
    filled_sqlite: Path, tmp_path: Path, ids: Callable[[str], int], delay: float
) -> None:
    path = Path(shutil.copy(filled_sqlite, tmp_path / "nkwire.db"))
    desk = Desk(path)
    assert desk.token
    a, b = ids("h2"), ids("w2")
    answered: list[int] = []

    def decide() -> None:
        fields = {"a": str(a), "b": str(b), "form_token": desk.token}
        with suppress(OSError, HTTPException):
            answered.append(desk.ask("POST", "/decisions/merge", fields)[0])

    sender = threading.Thread(target=decide)
    sender.start()
    time.sleep(delay)
    desk.kill()
    sender.join(30)
    with open_database(f"sqlite:///{path}") as database:
        assert check_invariants(database) == []
        is_decided = (min(a, b), max(a, b)) in {(x.a, x.b) for x in database.decisions.all()}
        one_story = database.articles.get(a).story_id == database.articles.get(b).story_id
        assert is_decided == one_story
        assert is_decided or not answered
        assert database.articles.count() == len(corpus.article_keys())
