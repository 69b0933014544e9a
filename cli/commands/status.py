"""`nkwire status` and `stories`, and the table of `nkwire outlets`."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments.names import find_language, find_outlets
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    LanguageOption,
    OutletOption,
    SinceOption,
    StatementLevelOption,
    UntilOption,
    day_range,
    examples,
    load_config,
    read_database,
)
from cli.service.free_space import lack_of_space
from cli.show import alarms
from cli.show.health import CHART_DAYS, format_chart, format_health
from cli.show.printing import format_article_time, print_json, print_note, print_table
from cli.show.report_lag import print_lag
from cli.show.summaries import note_empty, note_limit, note_undated, summarise, summary_width
from storage.wording.durations import format_duration
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.outlet import Outlet
    from crawler.sources import Source
    from dedup.statements.statement_level import StatementLevel
    from storage import Database
    from storage.health.assessment import Health
    from storage.health.days import HealthDay
    from storage.reading.rows import ArticleFilters, OutletStatus, StoryRow


commands = typer.Typer(rich_markup_mode="rich")


def print_outlets(*, as_json: bool) -> None:
    """Prints the declared outlets: how often each is read, its languages and its rights."""
    from crawler.chosen import chosen_outlets
    from crawler.registry import outlets

    chosen = chosen_outlets(load_config())
    rows = [_outlet_row(outlet) | {"chosen": name in chosen} for name, outlet in outlets().items()]
    if as_json:
        print_json(rows)
        return
    columns = ("~what it is", "country", "languages", "every", "text", ">sources")
    shows_chosen = len(chosen) < len(rows)
    print_table(
        ("outlet", *(["chosen"] if shows_chosen else []), *columns),
        [
            (
                row["outlet"],
                *(["yes" if row["chosen"] else "no"] if shows_chosen else []),
                row["title"],
                row["country"],
                " ".join(row["languages"]),
                format_duration(timedelta(seconds=row["every_seconds"])),
                row["rights"],
                len(row["sources"]),
            )
            for row in rows
        ],
        drops=("country", "sources", "text", "languages"),
    )
    sizes = Counter(group for row in rows for group in row["groups"])
    print_note(f"groups: {', '.join(f'{name} ({sizes[name]})' for name in sizes)}")


@commands.command(
    rich_help_panel=PANEL_LOOK, epilog=examples("nkwire status", "nkwire status --json")
)
def status(database: DatabaseOption = "", as_json: JsonOption = False) -> None:
    """Show the state of each outlet, broken ones first.

    Columns: health, a chart of new articles a day (· not read, × failed), the last run, and the
    numbers of stored, edited and removed articles.
    """
    today = datetime.now(UTC).date()
    config = load_config()
    if shortage := lack_of_space(config, config.resolved_database_url(database)):
        print_note(f"nothing is fetched: {shortage}")
    with read_database(database) as opened:
        unread = _unread_outlets(opened)
        healths = {
            name: each for name, each in opened.health.current().items() if name not in unread
        }
        days = opened.health.days(today - timedelta(days=CHART_DAYS - 1))
        rows = [
            _status_row(each, healths.get(each.outlet), days.get(each.outlet, []))
            | {"unread_because": unread.get(each.outlet, "")}
            for each in opened.outlets.status()
        ]
        raised_alarms = opened.alarms.latest(since=datetime.now(UTC) - timedelta(days=CHART_DAYS))
        outage = opened.own_network.last_outage()
        for line in opened.workers.status().lines():
            print_note(line)
        print_lag(opened)
        if not rows:
            note_empty(opened, "outlets", {}, "none has been read")
    if as_json:
        print_json(
            [row | {"alarms": alarms.alarm_rows(raised_alarms, row["outlet"])} for row in rows]
        )
        return
    alarms.print_alarms(raised_alarms)
    if outage is not None and outage.over_at is None:
        print_note(outage.format_line())
    columns = ("outlet", "health", f"{CHART_DAYS} days", "last run", "outcome", "~what happened")
    numbers = ("articles", "edited", "gone")
    print_table(
        (*columns, *(f">{name}" for name in numbers), "last published"),
        [
            (
                row["outlet"],
                row["unread_because"] or format_health(healths.get(row["outlet"])),
                format_chart(days.get(row["outlet"], []), today),
                row["last_run"],
                row["outcome"],
                row["evidence"] or row["cause"],
                *(f"{row[name]:,}" for name in numbers),
                row["last_published_at"],
            )
            for row in sorted(
                rows,
                key=lambda row: (
                    _severity_rank(healths.get(row["outlet"])),
                    row["unread_because"] != "",
                ),
            )
        ],
        drops=(
            *("gone", "edited", f"{CHART_DAYS} days", "outcome", "last published"),
            *("articles", "last run"),
        ),
    )


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire stories --since 2025-09-01",
        "nkwire stories --outlet kcna --at-least 3",
        "nkwire stories --json | jq '.[].title'",
    ),
)
def stories(
    since: SinceOption = "",
    until: UntilOption = "",
    outlet: OutletOption = None,
    language: LanguageOption = "",
    statement_level: StatementLevelOption = None,
    at_least: Annotated[
        int,
        typer.Option(
            min=1, max=2**31 - 1, help="Only stories with at least this number of articles."
        ),
    ] = 2,
    limit: Annotated[
        int, typer.Option(min=1, max=2**31 - 1, help="Maximum number of stories.")
    ] = 50,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """List stories of several articles (texts that were published repeatedly), newest first.

    They are in order of their latest article. Stories without a date come last: `seen` is the day
    on which nkwire first saw that article.
    """
    from storage.export.undated import count_left_out

    with read_database(database) as opened:
        filters = build_filters(
            opened, since, until, outlet, language, statement_level=statement_level
        )
        note_undated(count_left_out(opened, **filters))
        found_stories = opened.stories.iter(
            at_least=at_least,
            newest_first=True,
            undated_last=True,
            limit=limit,
            **filters,
        )
        rows = [story_row(each) for each in found_stories]
        options = {
            "--since": since,
            "--until": until,
            "--outlet": outlet,
            "--language": language,
            "--statement-level": statement_level,
        }
        if not rows:
            reason = (
                f"no text was published {format_count(at_least, 'time')} or more (see --at-least)"
            )
            note_empty(opened, "stories", options, reason)
        if len(rows) == limit:
            total = opened.stories.count(
                at_least=at_least,
                **filters,
            )
            note_limit(limit, total, "story", "stories")
    if as_json:
        print_json(rows)
        return
    columns = ("story", ">articles", "latest", "~outlets", "~lead document")
    print_table(
        columns,
        [
            (
                f"s{row['story']}",
                len(row["members"]),
                format_article_time(row["last_published_at"], row["last_seen_at"]),
                summarise(row["outlets"], summary_width()),
                row["title"],
            )
            for row in rows
        ],
        drops=("articles",),
    )


def build_filters(
    database: "Database",
    since: str,
    until: str,
    outlet: list[str] | None,
    language: str,
    story: int | None = None,
    statement_level: "list[StatementLevel] | None" = None,
) -> "ArticleFilters":
    """Returns the article filters of the options. With a period, an article needs a date to pass.

    Raises UserError for an outlet that is neither declared nor in the database, for a language
    that no outlet and no article has, and for a malformed day.
    """
    first, after = day_range(since, until)
    return {
        "since": first,
        "until": after,
        "outlet": find_outlets(database, outlet),
        "language": find_language(database, language),
        "dated": True if first or after else None,
        "story": story,
        "statement_level": statement_level or None,
    }


def story_row(story: "StoryRow") -> dict[str, Any]:
    """Returns a story and its members as JSON, without texts."""
    return {
        "story": story.id,
        "title": story.title,
        "lead": story.lead.id,
        "first_seen_at": story.first_seen_at,
        "published_at": story.published,
        "published_precision": story.published.precision if story.published else None,
        "last_seen_at": story.last_seen_at,
        "last_published_at": story.last_published,
        "outlets": list(story.outlets),
        "members": [
            {
                "id": member.id,
                "outlet": member.outlet,
                "url": member.url,
                "language": member.language,
                "published_at": member.published,
                "published_precision": member.published_precision,
                "first_seen_at": member.first_seen_at,
            }
            for member in story.members
        ],
    }


def _outlet_row(outlet: "type[Outlet]") -> dict[str, Any]:
    from crawler.chosen import groups_of

    return {
        "outlet": outlet.name,
        "title": " ".join((outlet.__doc__ or "").split()).rstrip("."),
        "country": outlet.country,
        "languages": list(outlet.languages),
        "groups": groups_of(outlet),
        "timezone": outlet.timezone,
        "every_seconds": int(outlet.every.total_seconds()),
        "delay_seconds": outlet.delay,
        "hosts": list(outlet.hosts),
        "sources": [_source_row(each) for each in outlet.sources],
        "rights": outlet.rights,
        "rights_note": outlet.rights_note,
        "topic_filter": outlet.topic,
        "browser": outlet.browser,
        "paywalled": outlet.paywalled,
        "agency_rank": outlet.agency_rank,
    }


def _source_row(source: "Source") -> dict[str, Any]:
    return {
        "kind": type(source).__name__,
        "url": source.url,
        "verified": source.verified,
        "until": source.until.isoformat() if source.until else None,
    }


def _unread_outlets(database: "Database") -> dict[str, str]:
    """Returns why declared outlets are not read on schedule: "paused" or "not chosen", by name."""
    from crawler.chosen import chosen_outlets
    from crawler.registry import outlets

    unread = dict.fromkeys(outlets().keys() - chosen_outlets(load_config()).keys(), "not chosen")
    overrides = database.schedule.overrides().items()
    return unread | {name: "paused" for name, each in overrides if each.enabled is False}


def _severity_rank(health: "Health | None") -> int:
    """Returns the sort key of a row: 0 broken, 1 otherwise unhealthy, 2 healthy or unknown."""
    if health is None or health.state.is_healthy:
        return 2
    return 0 if health.state == "broken" else 1


def _status_row(
    status: "OutletStatus", health: "Health | None", days: "Sequence[HealthDay]"
) -> dict[str, Any]:
    run = status.last_run
    is_unhealthy = health is not None and not health.state.is_healthy
    return {
        "outlet": status.outlet,
        "health": health and health.state,
        "health_cause": health and health.cause,
        "health_since": health and health.since_at,
        "evidence": health.evidence if health and is_unhealthy else "",
        "days": [
            {"day": day.day.isoformat(), "runs": day.runs, "failed": day.bad, "new": day.new}
            for day in days
        ],
        "last_run": run.started_at if run else None,
        "host": run.host if run else "",
        "outcome": (run.outcome or "running") if run else None,
        "cause": run.cause if run else "",
        "articles": status.articles,
        "stubs": status.stubs,
        "edited": status.edited,
        "gone": status.gone,
        "stories": status.stories,
        "last_captured_at": status.last_captured_at,
        "last_published_at": status.last_published,
    }
