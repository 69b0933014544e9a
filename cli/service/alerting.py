"""Sends an alert when the health of an outlet changes: by webhook, mail or a command.

Each change is sent once. A failed alert is repeated a few times, and never delays the service.
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from cli.service import delivery
from cli.show.printing import dumps
from crawler.processes import descendants
from dedup.errors import NkwireError
from storage.backoff import backoff
from storage.clean import printable
from storage.guard.secrets import conceal
from storage.runs.clock import is_waiting

if TYPE_CHECKING:
    from crawler.config.config import Config
    from storage import Database
    from storage.health.outlet_health import HealthChange

log = logging.getLogger("nkwire.alerts")

CHECK_INTERVAL_SECONDS = 5.0
DELIVERY_TIMEOUT_SECONDS = 30.0
SUPERVISOR_SECONDS = 2.0  # more, for the program that supervises a command
MAX_ATTEMPTS = 5
FIRST_RETRY_DELAY = timedelta(seconds=30)  # doubled after each failed attempt
OUTAGE_RETRY_DELAY = timedelta(minutes=1)  # between attempts to report our own network
OUTAGE_RETRY_PERIOD = timedelta(minutes=15)  # after the end of the outage


class DeliveryError(NkwireError):
    """Raised if an alert could not be delivered; the message says why."""


class Channel(Protocol):
    """A way to send alerts."""

    @property
    def name(self) -> str: ...

    async def send(self, message: Mapping[str, Any]) -> None:
        """Returns when the message is delivered. Raises DeliveryError and OSError."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Posts JSON to a URL; any answer but 2xx is a failure, redirects too."""

    url: str = field(repr=False)
    name: str = "webhook"

    async def send(self, message: Mapping[str, Any]) -> None:
        """Delivers a message. Raises DeliveryError and OSError."""
        await _run_delivery({"url": self.url, "body": dumps(message)})


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends mail through an SMTP server.

    It is encrypted if the server supports that; a password is never sent unencrypted.
    """

    server: str = field(repr=False)
    sender: str
    recipients: tuple[str, ...]
    name: str = "mail"

    async def send(self, message: Mapping[str, Any]) -> None:
        """Delivers a message. Raises DeliveryError and OSError."""
        await _run_delivery(
            {
                "url": self.server,
                "sender": self.sender,
                "recipients": self.recipients,
                "subject": f"nkwire: {printable(' '.join(str(message['text']).split()))[:150]}",
                "body": "\n".join([*message["lines"], "", "nkwire status shows all outlets."]),
            }
        )


@dataclass(frozen=True, slots=True)
class CommandChannel:
    """Runs a program, without a shell, that reads the JSON on its standard input.

    Nothing that it starts outlives DELIVERY_TIMEOUT_SECONDS.
    """

    arguments: tuple[str, ...] = field(repr=False)
    name: str = "command"

    async def send(self, message: Mapping[str, Any]) -> None:
        """Delivers a message. Raises DeliveryError and OSError."""
        seconds = str(DELIVERY_TIMEOUT_SECONDS)
        supervised = (sys.executable, "-I", descendants.__file__, seconds, *self.arguments)
        code, problem = await _run_program(
            supervised, dumps(message).encode(), DELIVERY_TIMEOUT_SECONDS + SUPERVISOR_SECONDS
        )
        if code:
            raise DeliveryError(problem or f"it ended with code {code}")


def configured_channels(config: "Config") -> list[Channel]:
    """Returns the channels that the settings name."""
    channels: list[Channel] = []
    if url := config.alert_webhook.get_secret_value():
        channels.append(Webhook(url))
    if recipients := config.alert_mail:
        sender = config.alert_from or recipients[0]
        channels.append(Mail(config.smtp.get_secret_value(), sender, recipients))
    if config.alert_command:
        channels.append(CommandChannel(config.alert_command))
    return channels


def build_message(changes: "Sequence[HealthChange]") -> dict[str, Any]:
    """Returns the message for some changes.

    `text`: one line; `lines`: one line for each change; `changes`: the changes as plain values.
    """
    from storage.health.outlet_health import format_health_change

    lines = [format_health_change(change) for change in changes]
    text = lines[0] if len(lines) == 1 else f"the health of {len(lines)} outlets changed"
    return {
        "text": text,
        "lines": lines,
        "changes": [
            {
                "outlet": change.outlet,
                "was": change.was,
                "state": change.health.state,
                "cause": change.health.cause,
                "evidence": change.health.evidence,
                "since_at": change.health.since_at,
                "changed_at": change.changed_at,
            }
            for change in changes
        ],
    }


@dataclass(slots=True)
class _Notice:
    """A line about the service itself. `next_at`: of the next attempt, by `time.monotonic()`."""

    line: str
    unsent: list[Channel]
    attempts: int = 0
    next_at: float = 0.0


class AlertSender:
    """Sends each change of health through every channel; repeats what failed.

    `is_read`: whether an outlet is read on schedule. Changes of others cause no alert.
    """

    def __init__(
        self,
        database: "Database",
        channels: Sequence[Channel],
        is_read: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._database = database
        self._is_read = is_read
        self._channels = channels
        self._outage_retry_at = datetime.min.replace(tzinfo=UTC)
        # Pairs of channel and start of an outage that the channel has reported.
        self._sent_outages: set[tuple[str, datetime]] = set()
        self._sent_channels: dict[int, set[str]] = {}  # by change: channels that have sent it
        self._notices: list[_Notice] = []

    def notify(self, line: str) -> None:
        """Lets each channel say this line once, about the service itself."""
        self._notices.append(_Notice(line, list(self._channels)))

    async def _send_notices(self) -> None:
        """Sends each notice by the channels that have not sent it, up to MAX_ATTEMPTS times."""
        for notice in list(self._notices):
            message = {"text": notice.line, "lines": [notice.line], "changes": []}
            if time.monotonic() < notice.next_at:
                continue
            for channel in list(notice.unsent):
                if problem := await try_send(channel, message):
                    log.warning("an alert did not get through by %s: %s", channel.name, problem)
                else:
                    notice.unsent.remove(channel)
            notice.attempts += 1
            notice.next_at = time.monotonic() + OUTAGE_RETRY_DELAY.total_seconds()
            if not notice.unsent or notice.attempts >= MAX_ATTEMPTS:
                self._notices.remove(notice)

    async def send_forever(self, leads: Callable[[], bool]) -> None:
        """Checks for changes for ever, and sends them while `leads()` is true."""
        while self._channels:
            await asyncio.sleep(CHECK_INTERVAL_SECONDS)
            if leads():
                await self.send_pending()

    async def _send_outage(self, now: datetime) -> None:
        """Reports once that our own network is, or was, down.

        After the outage the message may get through.
        """
        outage = await asyncio.to_thread(self._database.own_network.last_outage)
        if (
            outage is None
            or outage.told_at
            or is_waiting(now, self._outage_retry_at, OUTAGE_RETRY_DELAY)
        ):
            return
        line = outage.format_line()
        message = {"text": line, "lines": [line], "changes": []}
        problems: list[str] = []
        for channel in self._channels:
            if (channel.name, outage.since_at) in self._sent_outages:
                continue
            if problem := await try_send(channel, message):
                problems.append(f"{channel.name}: {problem}")
            else:
                self._sent_outages.add((channel.name, outage.since_at))
        if not problems or now - (outage.over_at or now) > OUTAGE_RETRY_PERIOD:
            await asyncio.to_thread(self._database.own_network.record_announcement, outage, now)
        if problems:
            log.warning("%s; alert not sent: %s", line, "; ".join(problems))
            self._outage_retry_at = now + OUTAGE_RETRY_DELAY

    async def send_pending(self, now: datetime | None = None) -> None:
        """Sends new changes, and repeats those that failed.

        Never raises; failures are logged.
        """
        sent_at = now or datetime.now(UTC)
        if not self._channels:
            return
        try:
            await self._send_notices()
            await self._send_outage(sent_at)
            pending = await asyncio.to_thread(self._database.health.unannounced, sent_at)
            settled = {
                each.id: "over before the alert was sent"
                for each in self._recovered_before_sent(pending)
            }
            settled |= {
                each.id: "the outlet is paused or not chosen"
                for each in pending
                if not self._is_read(each.outlet)
            }
            for change_id, reason in settled.items():
                record_announcement = self._database.health.record_announcement
                await asyncio.to_thread(record_announcement, change_id, sent_at, reason)
            due_changes = [
                each for each in pending if each.id not in settled and _is_retry_due(each, sent_at)
            ]
            if due_changes:
                await self._send_changes(due_changes, sent_at)
        except Exception:
            log.exception("sending alerts failed")

    def _recovered_before_sent(self, pending: "Sequence[HealthChange]") -> "list[HealthChange]":
        """Returns the changes of outlets that are healthy again before any alert was sent.

        A network that was down causes these; they are no news.
        """
        changes_by_outlet: dict[str, list[HealthChange]] = {}
        for change in pending:
            changes_by_outlet.setdefault(change.outlet, []).append(change)
        return [
            change
            for outlet_changes in changes_by_outlet.values()
            if outlet_changes[0].was
            and outlet_changes[0].was.is_healthy
            and outlet_changes[-1].health.state.is_healthy
            and not any(self._sent_channels.get(each.id) for each in outlet_changes)
            for change in outlet_changes
        ]

    async def _send_changes(self, changes: "Sequence[HealthChange]", now: datetime) -> None:
        problems: list[str] = []
        for channel in self._channels:
            unsent = [
                change
                for change in changes
                if channel.name not in self._sent_channels.get(change.id, ())
            ]
            if not unsent:
                continue
            if problem := await try_send(channel, build_message(unsent)):
                problems.append(f"{channel.name}: {problem}")
                log.warning("an alert did not get through by %s: %s", channel.name, problem)
            else:
                for change in unsent:
                    self._sent_channels.setdefault(change.id, set()).add(channel.name)
        for change in changes:
            given_up = change.attempts + 1 >= MAX_ATTEMPTS
            if problems and given_up:
                log.error(
                    "%s: the alert is given up after %d attempts", change.outlet, MAX_ATTEMPTS
                )
            announced_at = now if given_up or not problems else None
            record_announcement = self._database.health.record_announcement
            await asyncio.to_thread(
                record_announcement, change.id, announced_at, "; ".join(problems)[:500]
            )
            if announced_at:
                self._sent_channels.pop(change.id, None)


def _is_retry_due(change: "HealthChange", now: datetime) -> bool:
    # All delays so far, which double, add up to the next one less the first.
    delay = backoff(change.attempts + 1, FIRST_RETRY_DELAY) - FIRST_RETRY_DELAY
    return not is_waiting(now, change.changed_at + delay, delay)


async def try_send(channel: Channel, message: Mapping[str, Any]) -> str:
    """Sends by one channel. Returns why that failed, "" if it did not."""
    try:
        await channel.send(message)
    except (DeliveryError, OSError, ValueError) as error:
        return conceal(" ".join(str(error).split())) or type(error).__name__
    return ""


async def _run_delivery(task: Mapping[str, Any]) -> None:
    arguments = (sys.executable, "-I", delivery.__file__)
    code, problem = await _run_program(arguments, orjson.dumps(task), DELIVERY_TIMEOUT_SECONDS)
    if code:
        raise DeliveryError(problem or f"its program ended with code {code}")


async def _run_program(arguments: Sequence[str], task: bytes, seconds: float) -> tuple[int, str]:
    """Runs a program that reads `task`, and kills it after some seconds.

    So nothing holds a delivery longer: no slow server, no name server, no program. Returns the exit
    code and the output. Raises DeliveryError if it was killed, OSError if it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(task)
    except TimeoutError:
        raise DeliveryError(f"it had not ended after {seconds:g} s and was killed") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()  # it kills what it has started
            if not await _ends_within(process, SUPERVISOR_SECONDS):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
    return process.returncode or 0, (output or b"").decode(errors="replace").strip()


async def _ends_within(process: asyncio.subprocess.Process, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await process.wait()
    return process.returncode is not None
