"""`nkwire alerts`: lists the alerts about outlets and tests the alert channels."""

from typing import Annotated

import typer

from cli.arguments.names import find_outlets
from cli.errors import ExitCode, UserError
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    OutletOption,
    examples,
    load_config,
    read_database,
)
from cli.show.printing import print_json, print_note, print_table
from cli.show.summaries import note_limit

commands = typer.Typer(rich_markup_mode="rich")
alerts = typer.Typer(
    rich_markup_mode="rich",
    no_args_is_help=True,
    help="Test the alert channels, and list the changes of outlets' health with their alerts.",
    epilog=examples(
        "NKWIRE_ALERT_WEBHOOK=https://chat.example/hook nkwire alerts test",
        "nkwire alerts list",
    ),
)
commands.add_typer(alerts, name="alerts", rich_help_panel=PANEL_LOOK)


@alerts.command(
    "test",
    epilog=examples(
        "NKWIRE_ALERT_WEBHOOK=https://chat.example/hook nkwire alerts test",
        "NKWIRE_ALERT_MAIL=you@example.org NKWIRE_SMTP=smtp://mail.example nkwire alerts test",
        "NKWIRE_ALERT_COMMAND='/usr/local/bin/page --quietly' nkwire alerts test",
    ),
)
def send_test(as_json: JsonOption = False) -> int:
    """Send a test message through each alert channel that the settings name.

    Exits with 1 if a channel fails.
    """
    import asyncio

    from cli.service.alerting import configured_channels, try_send

    channels = configured_channels(load_config())
    if not channels:
        raise UserError(
            "no alert channel is set up: "
            "set NKWIRE_ALERT_WEBHOOK or NKWIRE_ALERT_MAIL or NKWIRE_ALERT_COMMAND"
        )
    line = "a test: nothing is wrong"
    message = {"text": line, "lines": [line], "changes": []}

    async def send_to_all() -> list[str]:
        return await asyncio.gather(*(try_send(channel, message) for channel in channels))

    problems = asyncio.run(send_to_all())
    names = [channel.name for channel in channels]
    if as_json:
        print_json(
            [
                {"channel": name, "sent": not problem, "problem": problem}
                for name, problem in zip(names, problems, strict=True)
            ]
        )
        return ExitCode.FAILED if any(problems) else ExitCode.OK
    print_table(
        ("by", "~what happened"),
        [(name, problem or "sent") for name, problem in zip(names, problems, strict=True)],
    )
    return ExitCode.FAILED if any(problems) else ExitCode.OK


@alerts.command("list", epilog=examples("nkwire alerts list", "nkwire alerts list --json"))
def list_alerts(
    outlet: OutletOption = None,
    limit: Annotated[
        int, typer.Option(min=1, max=2**31 - 1, help="Maximum number of changes.")
    ] = 50,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the changes of outlets' health, newest first, and whether their alerts were sent."""
    with read_database(database) as opened:
        outlets = find_outlets(opened, outlet)
        rows = [
            {
                "outlet": change.outlet,
                "changed_at": change.changed_at,
                "was": change.was,
                "state": change.health.state,
                "cause": change.health.cause,
                "evidence": change.health.evidence,
                "since_at": change.health.since_at,
                "is_news": change.needs_alert,
                "told_at": change.told_at if change.needs_alert else None,
                "attempts": change.attempts,
                "problem": change.problem,
            }
            for change in opened.health.changes(outlets, limit)
        ]
        if not rows:
            which = f" of {', '.join(outlet or ())}" if outlets else ""
            print_note(
                f"no change of the health{which} is known: runs decide it, see `nkwire runs`"
            )
        if len(rows) == limit:
            total = opened.health.count_changes(outlets)
            note_limit(limit, total, "change")
    if as_json:
        print_json(rows)
        return
    columns = ("outlet", "when", "was", "is", "cause", "~sent", "~evidence")
    names = ("outlet", "changed_at", "was", "state", "cause")
    print_table(
        columns,
        [
            (*(row[name] for name in names), row["problem"] or row["told_at"], row["evidence"])
            for row in rows
        ],
        drops=("was", "sent", "cause"),
    )
