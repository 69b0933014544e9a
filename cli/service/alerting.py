"""Telling somebody that an outlet stands otherwise than before: by webhook, mail or a command.

Each change is told once; what cannot be told is tried again a few times, and never holds up the service.
"""

import asyncio
import logging
import os
import shlex
import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from cli.errors import UserError
from cli.show.printing import dumps, printable

if TYPE_CHECKING:
    from storage import Database
    from storage.health.rows import Change

log = logging.getLogger("nkwire.alerts")

LOOK_EVERY = 5.0  # seconds
PATIENCE = 10.0  # seconds that a channel may take
ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=30)  # doubled after each attempt in vain
OUTAGE_PAUSE = timedelta(minutes=1)  # between attempts to tell of our own network
OUTAGE_PATIENCE = timedelta(minutes=15)  # after its end
VARIABLES = ("NKWIRE_ALERT_WEBHOOK", "NKWIRE_ALERT_MAIL", "NKWIRE_ALERT_COMMAND")
_FAILURES = (OSError, HTTPException, smtplib.SMTPException, MessageError, ValueError)


class UntoldError(Exception):
    """An alert that did not get through; the message says why."""


class Channel(Protocol):
    """A way to tell somebody. `tell` returns when that is done; raises UntoldError or OSError."""

    @property
    def name(self) -> str: ...

    def tell(self, message: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of JSON to an address; any answer but 2xx is a failure, redirects too."""

    url: str
    name: str = "webhook"

    def tell(self, message: Mapping[str, Any]) -> None:
        parts = urlsplit(self.url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        with closing(connect(parts.hostname or "", parts.port, timeout=PATIENCE)) as connection:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.connect()
            with _deadline(connection.sock):
                headers = {"Content-Type": "application/json", "User-Agent": "nkwire"}
                connection.request("POST", path, dumps(message).encode(), headers)
                status = connection.getresponse().status
        if not 200 <= status < 300:
            raise UntoldError(f"the address answered with HTTP status {status}")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail through an SMTP server; encrypted where the server can, and always with a password."""

    server: str
    sender: str
    recipients: tuple[str, ...]
    name: str = "mail"

    def tell(self, message: Mapping[str, Any]) -> None:
        mail = EmailMessage()
        mail["Subject"] = f"nkwire: {printable(' '.join(str(message['text']).split()))[:150]}"
        mail["From"], mail["To"] = self.sender, ", ".join(self.recipients)
        mail.set_content("\n".join([*message["lines"], "", "nkwire status shows all outlets."]))
        parts = urlsplit(self.server)
        host = parts.hostname or ""
        safe = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=PATIENCE, context=safe
            )
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)
        with server, _deadline(server.sock):
            if parts.scheme == "smtp" and server.ehlo()[0] == 250 and server.has_extn("starttls"):
                server.starttls(context=safe)
            elif parts.username and parts.scheme == "smtp":
                raise UntoldError("the server offers no encryption, so no password is sent to it")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)


@dataclass(frozen=True, slots=True)
class Command:
    """A program that reads the JSON on its standard input; no shell stands between."""

    arguments: tuple[str, ...]
    name: str = "command"

    def tell(self, message: Mapping[str, Any]) -> None:
        started = subprocess.Popen(
            self.arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            started.communicate(dumps(message).encode(), timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, 9)
            started.communicate()
            raise UntoldError(f"it had not ended after {PATIENCE:g} s and was killed") from None
        if started.returncode:
            raise UntoldError(f"it ended with code {started.returncode}")


def channels(environment: Mapping[str, str] = os.environ) -> list[Channel]:
    """Whom to tell, by the environment. Raises UserError for what cannot be right."""
    found: list[Channel] = []
    url, mail, command = (environment.get(name, "").strip() for name in VARIABLES)
    if url:
        if urlsplit(url).scheme not in ("http", "https") or not _has_host(url):
            raise UserError(f"NKWIRE_ALERT_WEBHOOK={url!r} is no http(s) address")
        found.append(Webhook(url))
    if mail:
        server = environment.get("NKWIRE_SMTP", "").strip() or "smtp://localhost"
        if urlsplit(server).scheme not in ("smtp", "smtps") or not _has_host(server):
            raise UserError(
                "NKWIRE_SMTP is no smtp://[USER:PASSWORD@]HOST[:PORT], smtps:// likewise"
            )
        recipients = tuple(each.strip() for each in mail.split(","))
        for address in recipients:
            if "@" not in address or set(address) & set("\r\n <>"):
                raise UserError(f"NKWIRE_ALERT_MAIL: {address!r} is no mail address")
        sender = environment.get("NKWIRE_ALERT_FROM", "").strip() or recipients[0]
        found.append(Mail(server, sender, recipients))
    if command:
        try:
            arguments = tuple(shlex.split(command))
        except ValueError as error:
            raise UserError(f"NKWIRE_ALERT_COMMAND cannot be read: {error}") from None
        found.append(Command(arguments))
    return found


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def message(changes: "Sequence[Change]") -> dict[str, Any]:
    """What is told, as JSON: `text` (one line), `lines` (one for each change), `changes`."""
    from storage.health.rows import told

    lines = [told(change) for change in changes]
    text = lines[0] if len(lines) == 1 else f"{len(lines)} outlets stand otherwise than before"
    return {
        "text": text,
        "lines": lines,
        "changes": [
            {
                "outlet": change.outlet,
                "was": change.was,
                "state": change.now.state,
                "cause": change.now.cause,
                "evidence": change.now.evidence,
                "since_at": change.now.since_at,
                "changed_at": change.changed_at,
            }
            for change in changes
        ],
    }


class Alerts:
    """Tells each change of state through every channel, the ones that fail a few times more."""

    def __init__(self, database: "Database", to: Sequence[Channel]) -> None:
        self._database = database
        self._channels = to
        self._again_at = datetime.min.replace(tzinfo=UTC)
        self._outages: set[tuple[str, datetime]] = set()  # that a channel has told
        self._done: dict[int, set[str]] = {}  # by change: channels that have told it

    async def watch(self, leads: Callable[[], bool]) -> None:
        """Look for news for ever, while this process leads."""
        while self._channels:
            await asyncio.sleep(LOOK_EVERY)
            if leads():
                await self.tell_news()

    async def _tell_outage(self, now: datetime) -> None:
        """Tell once that our own network is out, or was: by then the message may get through."""
        outage = await asyncio.to_thread(self._database.own_network.last_outage)
        if outage is None or outage.told_at or now < self._again_at:
            return
        words = outage.told()
        told = {"text": words, "lines": [words], "changes": []}
        problems: list[str] = []
        for channel in self._channels:
            if (channel.name, outage.since_at) in self._outages:
                continue
            if problem := await attempt(channel, told):
                problems.append(f"{channel.name}: {problem}")
            else:
                self._outages.add((channel.name, outage.since_at))
        if not problems or now - (outage.over_at or now) > OUTAGE_PATIENCE:
            await asyncio.to_thread(self._database.own_network.record_announcement, outage, now)
        if problems:
            log.warning("%s; not told: %s", words, "; ".join(problems))
            self._again_at = now + OUTAGE_PAUSE

    async def tell_news(self, now: datetime | None = None) -> None:
        """Tell what is new and what is to be tried again. Never raises; failures are logged."""
        at = now or datetime.now(UTC)
        if not self._channels:
            return
        try:
            await self._tell_outage(at)
            untold = await asyncio.to_thread(self._database.health.unannounced, at)
            over = self._over(untold)
            for change in over:
                note = self._database.health.record_announcement
                await asyncio.to_thread(note, change.id, at, "over before it could be told")
            waiting = [each for each in untold if each not in over and _is_due(each, at)]
            if waiting:
                await self._tell(waiting, at)
        except Exception:
            log.exception("alerts could not be told")

    def _over(self, untold: "Sequence[Change]") -> "list[Change]":
        """Troubles that ended while nobody could be told, as of a network that was down: no news."""
        outlets: dict[str, list[Change]] = {}
        for change in untold:
            outlets.setdefault(change.outlet, []).append(change)
        return [
            change
            for some in outlets.values()
            if some[0].was
            and some[0].was.is_well
            and some[-1].now.state.is_well
            and not any(self._done.get(each.id) for each in some)
            for change in some
        ]

    async def _tell(self, changes: "Sequence[Change]", now: datetime) -> None:
        problems: list[str] = []
        for channel in self._channels:
            left = [each for each in changes if channel.name not in self._done.get(each.id, ())]
            if not left:
                continue
            if problem := await attempt(channel, message(left)):
                problems.append(f"{channel.name}: {problem}")
                log.warning("an alert did not get through by %s: %s", channel.name, problem)
            else:
                for each in left:
                    self._done.setdefault(each.id, set()).add(channel.name)
        for each in changes:
            given_up = each.attempts + 1 >= ATTEMPTS
            if problems and given_up:
                log.error("%s: the alert is given up after %d attempts", each.outlet, ATTEMPTS)
            told_at = now if given_up or not problems else None
            note = self._database.health.record_announcement
            await asyncio.to_thread(note, each.id, told_at, "; ".join(problems)[:500])
            if told_at:
                self._done.pop(each.id, None)


def _is_due(change: "Change", now: datetime) -> bool:
    waits = FIRST_PAUSE * (2.0**change.attempts - 1)
    return now >= change.changed_at + waits


async def attempt(channel: Channel, told: Mapping[str, Any]) -> str:
    """Tell by one channel; why it did not get through, "" if it did.

    In a thread that nothing waits for at the end of the process: a name server may hang for minutes.
    """
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    problem = [f"no end after {3 * PATIENCE:g} s"]

    def work() -> None:
        try:
            channel.tell(told)
            problem[0] = ""
        except (UntoldError, *_FAILURES) as error:
            problem[0] = " ".join(str(error).split()) or type(error).__name__
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=work, daemon=True, name=f"nkwire-{channel.name}").start()
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), 3 * PATIENCE)
    return problem[0]


@contextmanager
def _deadline(connection: socket.socket | None) -> Iterator[None]:
    """Cut a connection off at the end of our patience, however slowly its other end goes on."""

    def cut() -> None:
        with suppress(OSError):
            if connection is not None:
                connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(PATIENCE, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
