import asyncio
import json
import socketserver
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.service import alerting
from cli.service.alerting import (
    MAX_ATTEMPTS,
    AlertSender,
    CommandChannel,
    Mail,
    Webhook,
    build_message,
    configured_channels,
    try_send,
)
from crawler.config.config import load_config
from storage import Database, open_database
from storage.records import RunOutcome
from storage.runs.slots import ScheduleOverride
from tests.cli.listeners import Hook, Post

MESSAGE = {"text": "kcna is broken (dns)", "lines": ["kcna is broken (dns)"], "changes": []}
DOWN = {"source.unreachable": 1, "why.dns": 1}


@pytest.fixture
def database(an_empty_folder: Path) -> Iterator[Database]:
    """The default database, in which kcna was well and is broken now."""
    opened = open_database(f"sqlite:///{an_empty_folder / 'data' / 'nkwire.db'}")
    befall(opened, "kcna")
    yield opened
    opened.close()


def befall(database: Database, outlet: str) -> None:
    good = {"source.ok": 1, "listed": 9, "stored.new": 9}
    for counts in (good, DOWN, DOWN, DOWN):
        run = database.runs.begin(outlet)
        run.outcome = RunOutcome.OK if counts is good else RunOutcome.UNREACHABLE
        run.counts = counts
        database.runs.finish(run)
        database.health.assess(outlet)


def recover(database: Database, outlet: str) -> None:
    run = database.runs.begin(outlet)
    run.outcome, run.counts = RunOutcome.OK, {"source.ok": 1, "listed": 9, "stored.new": 9}
    database.runs.finish(run)
    database.health.assess(outlet)


def tell(channel: alerting.Channel, told: Mapping[str, Any] = MESSAGE) -> str:
    return asyncio.run(try_send(channel, told))


def test_a_webhook_gets_json(hook: Hook, database: Database) -> None:
    changes = database.health.unannounced(datetime.now(UTC))
    assert tell(Webhook(hook.url), build_message(changes)) == ""
    [(path, headers, body)] = hook.got
    assert (path, headers["Content-Type"]) == ("/hook?key=1", "application/json")
    assert body["text"].startswith("kcna is broken (dns) since 20")
    [change] = body["changes"]
    assert (change["outlet"], change["was"], change["state"]) == ("kcna", "ok", "broken")
    assert change["cause"] == "dns"
    assert change["since_at"].endswith("Z")


@pytest.mark.parametrize("status", [301, 307, 404, 500])
def test_a_webhook_that_does_not_take_it_failed_and_is_not_followed(
    status: int, hook: Hook
) -> None:
    hook.status, hook.location = status, hook.url
    assert tell(Webhook(hook.url)) == f"the address answered with HTTP status {status}"
    assert len(hook.got) == 1


def test_a_webhook_nobody_serves_failed() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as unused:
        port = unused.server_address[1]
    assert "refused" in tell(Webhook(f"http://127.0.0.1:{port}/")).lower()


@pytest.mark.parametrize("kind", ["http", "smtp"])
def test_a_server_that_trickles_is_cut_off(
    kind: str, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "DELIVERY_TIMEOUT_SECONDS", 2.0)
    address = f"127.0.0.1:{silent}"
    channel = (
        Webhook(f"http://{address}/")
        if kind == "http"
        else Mail(f"smtp://{address}", "a@example.org", ("b@example.org",))
    )
    start = time.monotonic()
    assert "was killed" in tell(channel)
    assert time.monotonic() - start < 10


def test_a_mail_says_what_happened_in_its_subject(post: Post) -> None:
    server = f"smtp://127.0.0.1:{post.port}"
    told = MESSAGE | {"text": "kcna is broken\r\nBcc: evil@example.org", "lines": ["조선중앙통신"]}
    assert tell(Mail(server, "nk@example.org", ("a@example.org", "b@example.org")), told) == ""
    [mail] = post.mails
    head = mail.partition("\r\n\r\n")[0]
    assert "Subject: nkwire: kcna is broken Bcc: evil@example.org" in head
    assert "\nBcc" not in head
    recipients = [line for line in post.said if line.upper().startswith("RCPT")]
    assert [line[9:22] for line in recipients] == ["a@example.org", "b@example.org"]


@pytest.mark.threats("S13")
def test_a_password_is_never_sent_in_clear(post: Post) -> None:
    mail = Mail(f"smtp://me:secret@127.0.0.1:{post.port}", "a@example.org", ("b@example.org",))
    assert "no encryption" in tell(mail)
    assert not any("AUTH" in line for line in post.said)
    assert post.mails == []


def test_a_mail_server_that_refuses_failed(post: Post) -> None:
    post.greeting = "554 go away"
    mail = Mail(f"smtp://127.0.0.1:{post.port}", "a@example.org", ("b@example.org",))
    assert "554" in tell(mail)


def test_a_command_reads_json_and_knows_no_shell(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text("import sys; open(sys.argv[1], 'w').write(sys.stdin.read())")
    out = tmp_path / "out; touch evil"
    assert tell(CommandChannel((sys.executable, str(script), str(out)))) == ""
    assert json.loads(out.read_text()) == MESSAGE
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("raise SystemExit(3)", "it ended with code 3"),
        ("import time; time.sleep(60)", "was killed"),
        ("import sys; sys.stdin.close()", ""),
    ],
    ids=["code", "hangs", "does not read"],
)
def test_a_command_that_fails_or_hangs_failed(
    code: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "DELIVERY_TIMEOUT_SECONDS", 2.0)
    told = tell(CommandChannel((sys.executable, "-c", code)))
    assert problem in told
    assert bool(told) is bool(problem)


def test_a_command_that_is_not_there_failed() -> None:
    assert "No such file" in tell(CommandChannel(("/nowhere/page",)))


def test_a_change_is_told_once(hook: Hook, database: Database) -> None:
    befall(database, "rodong")
    for _ in range(3):
        asyncio.run(AlertSender(database, [Webhook(hook.url)]).send_pending())
    [(_, _, body)] = hook.got
    assert body["text"] == "the health of 2 outlets changed"
    assert [change["outlet"] for change in body["changes"]] == ["kcna", "rodong"]
    assert database.health.unannounced(datetime.now(UTC)) == []


def test_outlets_that_are_paused_or_not_chosen_cause_no_alert(
    hook: Hook, database: Database
) -> None:
    befall(database, "rodong")
    sender = AlertSender(database, [Webhook(hook.url)], lambda outlet: outlet != "kcna")
    asyncio.run(sender.send_pending())
    [(_, _, body)] = hook.got
    assert [change["outlet"] for change in body["changes"]] == ["rodong"]
    [change, *_] = database.health.changes("kcna")
    assert change.problem == "the outlet is paused or not chosen"
    asyncio.run(AlertSender(database, [Webhook(hook.url)]).send_pending())
    assert len(hook.got) == 1  # resumed later, it is no news any more


@pytest.mark.parametrize("is_paused", [False, True])
def test_a_service_for_some_outlets_loses_no_alert_of_the_others_that_are_read(
    is_paused: bool,
    hook: Hook,
    database: Database,
    nkwire_alone: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    befall(database, "rodong")
    Path("nkwire.toml").write_text(f'alert_webhook = "{hook.url}"')
    paused = ("kcna", "tass")  # so that nothing is fetched
    for name in (*paused, "rodong") if is_paused else paused:
        database.schedule.set_override(name, ScheduleOverride(enabled=False))
    assert nkwire_alone("run", "--once", "--only", "kcna,tass").returncode == 0
    told = [change["outlet"] for _, _, body in hook.got for change in body["changes"]]
    assert told == ([] if is_paused else ["rodong"])


def test_what_does_not_get_through_is_tried_again_a_few_times_and_told_once_by_the_others(
    hook: Hook, database: Database, tmp_path: Path
) -> None:
    hook.status = 500
    count = tmp_path / "count"
    note = f"open({str(count)!r}, 'a').write('x')"
    told = AlertSender(database, [Webhook(hook.url), CommandChannel((sys.executable, "-c", note))])

    async def for_an_hour() -> None:
        start = datetime.now(UTC)
        for seconds in range(0, 3600, 10):
            await told.send_pending(start + timedelta(seconds=seconds))

    asyncio.run(for_an_hour())
    assert len(hook.got) == MAX_ATTEMPTS
    assert count.read_text() == "x"
    [change, _] = database.health.changes("kcna")
    assert change.attempts == MAX_ATTEMPTS
    assert change.problem == "webhook: the address answered with HTTP status 500"
    assert change.told_at is not None


def test_a_webhook_that_comes_back_gets_what_it_missed(hook: Hook, database: Database) -> None:
    told = AlertSender(database, [Webhook(hook.url)])
    hook.status = 503
    asyncio.run(told.send_pending())
    hook.status = 200
    asyncio.run(told.send_pending(datetime.now(UTC) + timedelta(minutes=5)))
    assert len(hook.got) == 2
    assert database.health.unannounced(datetime.now(UTC)) == []


def test_a_trouble_that_ended_before_anybody_could_be_told_is_no_news(
    hook: Hook, database: Database
) -> None:
    told = AlertSender(database, [Webhook(hook.url)])
    hook.status = 503
    asyncio.run(told.send_pending())
    recover(database, "kcna")
    hook.status = 200
    asyncio.run(told.send_pending(datetime.now(UTC) + timedelta(minutes=5)))
    assert len(hook.got) == 1
    assert {change.told_at is None for change in database.health.changes("kcna")} == {False}


def test_who_was_told_of_a_trouble_is_told_of_its_end(hook: Hook, database: Database) -> None:
    told = AlertSender(database, [Webhook(hook.url), CommandChannel(("/nowhere/page",))])
    asyncio.run(told.send_pending())
    recover(database, "kcna")
    asyncio.run(told.send_pending(datetime.now(UTC) + timedelta(minutes=5)))
    states = [change["state"] for _, _, body in hook.got for change in body["changes"]]
    assert states == ["broken", "ok"]


def test_a_database_that_is_gone_does_no_harm(hook: Hook, database: Database) -> None:
    asyncio.run(AlertSender(database, [Webhook(hook.url)]).send_pending())
    database.close()
    Path("data/nkwire.db").rename("data/away.db")
    Path("data/nkwire.db").mkdir()
    asyncio.run(AlertSender(database, [Webhook(hook.url)]).send_pending())
    assert len(hook.got) == 1


def test_without_channels_nothing_is_marked_as_told(database: Database) -> None:
    asyncio.run(AlertSender(database, []).send_pending())
    assert len(database.health.unannounced(datetime.now(UTC))) == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NKWIRE_ALERT_WEBHOOK", "ftp://x"),
        ("NKWIRE_ALERT_WEBHOOK", "https://"),
        ("NKWIRE_ALERT_WEBHOOK", "http://h:99999/"),
        ("NKWIRE_ALERT_MAIL", "nobody"),
        ("NKWIRE_ALERT_MAIL", "a@b c"),
        ("NKWIRE_ALERT_COMMAND", "page 'unclosed"),
    ],
)
def test_what_cannot_be_right_is_said_before_anything_runs(
    variable: str, value: str, nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    for command in (("alerts", "test"), ("run", "--once")):
        said = nkwire(*command)
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert variable in said.err
    assert not Path("data/nkwire.db").exists()


def test_the_settings_name_the_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_channels(load_config()) == []
    monkeypatch.setenv("NKWIRE_ALERT_WEBHOOK", "https://chat.example/hook")
    monkeypatch.setenv("NKWIRE_ALERT_MAIL", "a@example.org, b@example.org")
    monkeypatch.setenv("NKWIRE_SMTP", "smtps://mail.example")
    monkeypatch.setenv("NKWIRE_ALERT_COMMAND", "/bin/page 'two words'")
    assert configured_channels(load_config()) == [
        Webhook("https://chat.example/hook"),
        Mail("smtps://mail.example", "a@example.org", ("a@example.org", "b@example.org")),
        CommandChannel(("/bin/page", "two words")),
    ]


def test_the_command_tries_all_channels(
    hook: Hook, nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no alert channel is set up" in nkwire("alerts", "test").err
    monkeypatch.setenv("NKWIRE_ALERT_WEBHOOK", hook.url)
    said = nkwire("alerts", "test")
    assert (said.code, hook.got[0][2]["text"]) == (0, "a test: nothing is wrong")
    monkeypatch.setenv("NKWIRE_ALERT_COMMAND", "/nowhere/page")
    said = nkwire("alerts", "test")
    assert said.code == 1
    assert "No such file" in said.out


def test_alerts_are_listed_with_what_became_of_them(
    database: Database, hook: Hook, nkwire: Callable[..., Any]
) -> None:
    asyncio.run(AlertSender(database, [Webhook(hook.url)]).send_pending())
    broken, first = nkwire("alerts", "list", "--json").json
    assert (broken["was"], broken["state"], broken["is_news"]) == ("ok", "broken", True)
    assert broken["told_at"] is not None
    assert (first["was"], first["state"], first["told_at"]) == (None, "ok", None)
    assert "broken" in nkwire("alerts", "list").out


def test_watching_tells_only_while_it_leads(
    hook: Hook, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "CHECK_INTERVAL_SECONDS", 0.01)
    leads = False

    async def watch() -> None:
        nonlocal leads
        watching = asyncio.create_task(
            AlertSender(database, [Webhook(hook.url)]).send_forever(lambda: leads)
        )
        await asyncio.sleep(0.2)
        assert hook.got == []
        leads = True
        end = time.monotonic() + 60
        while database.health.unannounced(datetime.now(UTC)) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        watching.cancel()

    asyncio.run(watch())
    assert len(hook.got) == 1


class Flaky:
    """A channel that fails while the network is out."""

    name = "flaky"

    def __init__(self) -> None:
        self.works = False
        self.told: list[str] = []

    async def send(self, message: Mapping[str, Any]) -> None:
        if not self.works:
            raise OSError("Network is unreachable")
        self.told.append(message["text"])


def test_an_outage_of_our_own_network_is_told_once_it_can_be(an_empty_folder: Path) -> None:
    opened = open_database(f"sqlite:///{an_empty_folder / 'data' / 'nkwire.db'}")
    outlets = ("kcna", "rodong", "kbs")
    for outlet in outlets:
        recover(opened, outlet)
    for _ in range(4):
        for outlet in outlets:
            run = opened.runs.begin(outlet)
            run.outcome, run.counts = RunOutcome.UNREACHABLE, DOWN
            opened.runs.finish(run)
            opened.health.assess(outlet)
    channel = Flaky()
    alerts = AlertSender(opened, [channel])
    now = datetime.now(UTC)
    asyncio.run(alerts.send_pending(now))
    for outlet in outlets:
        recover(opened, outlet)
    channel.works = True
    for minutes in (0.5, 1.5, 3):
        asyncio.run(alerts.send_pending(now + timedelta(minutes=minutes)))
    [told] = channel.told
    assert "your own network seems to have been out from" in told
    opened.close()
