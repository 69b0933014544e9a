"""Checks the database: within reach, sound, of this version, and whether a service runs on it."""

import os
from pathlib import Path

from sqlalchemy import Connection, text

from cli.setup.checks.finding import Finding, Situation, ok, problem, warning
from storage import Database, open_database
from storage.dialects import is_sqlite, statement_timeout
from storage.drivers.shortages import find_shortage
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import (
    BadUrl,
    Damaged,
    NoDatabase,
    NotADatabase,
    SchemaError,
    StorageError,
)
from storage.files.making import describe_wide_mode
from storage.guard.secrets import show_address
from storage.wording.numbers import format_count

NAME = "database"
WAIT_SECONDS = 3.0
CHECK_SECONDS = 6.0
RESTORE = "restore a backup: `nkwire restore BACKUP --replace`"


def check_database(situation: Situation) -> Finding:
    """Looks at the database. Changes nothing."""
    url = situation.database_url
    shown = show_address(url)
    try:
        if parse_url(url).get_backend_name() == "sqlite":
            shown = str(parse_url(url).database)
        damage = _find_damage(url)
        if damage:
            return problem(NAME, f"{shown} is damaged: {damage}", RESTORE)
        with open_database(url, create=False, reading_only=True, patience=WAIT_SECONDS) as database:
            return _describe(database, shown)
    except NoDatabase as error:
        if os.path.lexists(shown):  # an empty file, or a link that leads nowhere
            return problem(NAME, str(error), RESTORE)
        return ok(NAME, f"none yet at {shown}: the first run makes it")
    except SchemaError as error:
        return _describe_schema(str(error))
    except (Damaged, NotADatabase) as error:
        return problem(NAME, str(error).partition(": name")[0], _advice(error, shown))
    except BadUrl as error:
        return problem(NAME, str(error), "correct `database_url` or --database")
    except StorageError as error:
        advice = "start the database server, and check address, user and password"
        return problem(NAME, str(error), advice)


def _advice(error: StorageError, file: str) -> str:
    """Returns what to do about a file that cannot be read as a database."""
    if os.path.lexists(file) and not Path(file).is_file():
        return "name another file: correct `database_url` or --database"
    is_readable = os.access(file, os.R_OK) and "cannot be opened" not in str(error)
    if find_shortage(error) or not is_readable:
        return "allow more open files (ulimit -n), and check who may read the file"
    return RESTORE


def _describe_schema(line: str) -> Finding:
    if "older nkwire" in line or "no tables yet" in line:
        return warning(
            NAME,
            line.partition(": `nkwire")[0],
            "bring it up to date: `nkwire backup FILE`, then `nkwire upgrade`",
        )
    if "newer nkwire" in line:
        return problem(NAME, line.partition(": upgrade")[0], "upgrade nkwire")
    return problem(NAME, line, "name another database")


def _describe(database: Database, shown: str) -> Finding:
    from scheduler import LEASE_NAME

    size = database.bytes_used() / 2**20
    articles = database.articles.count()
    seconds = database.leases.seconds_left(LEASE_NAME)
    service = "a service runs" if seconds else "no service runs"
    line = f"{shown}: {format_count(articles, 'article')}, {size:,.1f} MB, {service}"
    if database.file and (wide := describe_wide_mode(database.file)):
        detail, _, advice = wide.rpartition(": ")
        return warning(NAME, f"{line}; {detail}", advice)
    return ok(NAME, line)


def _find_damage(url: str) -> str:
    """Returns what SQLite's quick check finds first; "" if nothing, or if the time was too short."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return ""
    engine = make_engine(parsed, create=False, reading_only=True)
    with TransactionalEngine(engine, patience=WAIT_SECONDS) as database:
        return database.read(_quick_check)


def _quick_check(connection: Connection) -> str:
    assert is_sqlite(connection)
    try:
        with statement_timeout(connection, CHECK_SECONDS):
            found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    except TimeoutError:
        return ""
    return "" if found == "ok" else " ".join(str(found).split())
