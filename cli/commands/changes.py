"""`nkwire changes`, `diff` and `gaps`: lists edits, removed articles and times without a poll."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments.file_formats import PAGE_SUFFIXES, check_suffix
from cli.arguments.names import find_article, find_outlets
from cli.errors import UserError
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    OutletOption,
    day_range,
    examples,
    open_database,
    read_database,
)
from cli.show.alarms import print_alarms
from cli.show.outputs import check_one_result, write_page
from cli.show.printing import print_json, print_note, print_table
from cli.show.summaries import note_empty, note_limit

if TYPE_CHECKING:
    from storage import Database
    from storage.changes.rows import ChangeRow, TransitionRow

commands = typer.Typer(rich_markup_mode="rich")

FoundSince = Annotated[
    str,
    typer.Option("--since", metavar="DATE", help="Only changes found on this day (UTC) or later."),
]
FoundUntil = Annotated[
    str,
    typer.Option(
        "--until", metavar="DATE", help="Only changes found on this day (UTC) or earlier."
    ),
]
_NO_CHANGES = (
    "no article has changed since it was first read (`nkwire revisits`: when articles are read again;"
    " --all: white space and typography too)"
)
_NO_GAPS = "no pause between runs was longer than usual, or no outlet has had several runs yet"
STATES = ("unlisted", "missing", "gone", "restored", "live")


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire changes --outlet kcna --since 2026-07-01",
        "nkwire changes --kind headline   # also: numbers, names, retranslation, gone, restored ...",
        "nkwire changes --atom > changes.atom",
        "nkwire changes --boring 17 --note 'a misprint'   # --not-boring undoes it",
    ),
)
def changes(
    since: FoundSince = "",
    until: FoundUntil = "",
    outlet: OutletOption = None,
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Only this kind. What changed: headline, lead, body, names, numbers, date, "
            "byline, caption. How: edit, rewrite, retranslation, update, reread. Or a state: unlisted, "
            "missing, gone, restored, live.",
        ),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Also boring changes: white space, typography, stamps ...")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=2**31 - 1, help="Maximum number of changes.")
    ] = 100,
    atom: Annotated[bool, typer.Option("--atom", help="Print an Atom feed.")] = False,
    boring: Annotated[
        int,
        typer.Option(min=0, max=2**63 - 1, metavar="CHANGE", help="Mark this change as boring."),
    ] = 0,
    not_boring: Annotated[
        int,
        typer.Option(
            min=0, max=2**63 - 1, metavar="CHANGE", help="Mark this change as not boring."
        ),
    ] = 0,
    why: Annotated[str, typer.Option("--note", help="The reason, stored with the mark.")] = "",
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """List silent edits, other changes, and articles that were removed or restored, newest first.

    The exact time of a change is unknown. It lies between two captures of the page, which are shown
    as "after" and "before".
    """
    first, after = day_range(since, until)
    check_kind(kind)
    if boring and not_boring:
        raise UserError("--boring and --not-boring exclude each other")
    with (open_database if boring or not_boring else read_database)(database) as opened:
        print_outdated_changes(opened)
        if boring or not_boring:
            opened.changes.set_ruling(boring or not_boring, boring=bool(boring), note=why)
            if as_json:
                ruling = {"change": boring or not_boring, "boring": bool(boring), "note": why}
                print_json(ruling)
            return
        outlets = find_outlets(opened, outlet)
        filters = {"since": first, "until": after, "outlet": outlets}
        found = _find(opened, kind, everything, limit, filters)[:limit]
        if not found:
            options = {"--since": since, "--until": until, "--outlet": outlet, "--kind": kind}
            note_empty(opened, "changes", options, _NO_CHANGES)
        if len(found) == limit:
            total = _count(opened, kind, everything, filters)
            note_limit(limit, total, "change")
        print_alarms(opened.alarms.latest(since=first, outlet=outlets))
    if atom:
        from storage.atom import format_feed
        from storage.changes.change_feed import make_change_feed

        print(format_feed(make_change_feed(found, datetime.now(UTC))))
        return
    rows = [_row(each) for each in found]
    if as_json:
        print_json(rows)
    else:
        _print(rows)


def _find(
    database: "Database", kind: str, everything: bool, limit: int, filters: Any
) -> "list[ChangeRow | TransitionRow]":
    """Returns edits and changes of state in one list, the latest found first."""
    edits = [] if kind in STATES else database.changes.iter(
        kind=kind or None, boring=everything, limit=limit, **filters
    )  # fmt: skip
    transitions = database.changes.transitions(
        state=kind if kind in STATES else None, limit=limit, **filters
    ) if not kind or kind in STATES else []  # fmt: skip
    found: list[ChangeRow | TransitionRow] = [*edits, *transitions]
    return sorted(found, key=lambda each: each.found_at, reverse=True)


def _count(database: "Database", kind: str, everything: bool, filters: Any) -> int:
    """Returns how many changes `_find` returns without a limit."""
    is_state = kind in STATES
    edits = 0 if is_state else database.changes.count_edits(
        kind=kind or None, boring=everything, **filters
    )  # fmt: skip
    return edits + (
        database.changes.count_transitions(state=kind or None, **filters)
        if is_state or not kind
        else 0
    )


def _row(found: "ChangeRow | TransitionRow") -> dict[str, Any]:
    from storage.changes.rows import ChangeRow, edit_as_dict, transition_as_dict

    return edit_as_dict(found) if isinstance(found, ChangeRow) else transition_as_dict(found)


def check_kind(kind: str) -> None:
    """Raises UserError for an unknown `--kind`."""
    from dedup.changes.records import ChangeKind, ChangeNature

    known_kinds = (
        *(each.value for each in ChangeKind),
        *(each.value for each in ChangeNature),
        *STATES,
    )
    if kind and kind not in known_kinds:
        raise UserError(f"unknown --kind {kind!r}: the kinds are {', '.join(known_kinds)}")


def print_outdated_changes(database: "Database") -> None:
    """Says on standard error if changes were classified by other rules than today's."""
    if not database.changes.are_current():
        print_note(
            "changes were found by older rules: `nkwire upgrade` compares the versions again"
        )


def format_change_size(row: dict[str, Any]) -> str:
    """Returns how many letters an edit added and removed, or how a state was detected."""
    return f"+{row['added']} -{row['removed']}" if "added" in row else str(row["how"])


def _print(rows: list[dict[str, Any]]) -> None:
    columns = (
        *(">change", "what", "~in", "size", "after", "before", "outlet", ">article"),
        "~headline",
    )
    print_table(
        columns,
        [
            (
                row["change"],
                row["what"] + ("" if row.get("silent", True) else ", announced"),
                row.get("boring") or " ".join(row.get("kinds", ())),
                format_change_size(row),
                row["after"],
                row["before"],
                row["outlet"],
                row["article"],
                row["title"],
            )
            for row in rows
        ],
        drops=("size", "in", "after", "what"),
    )


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire diff 42                     # the last edit",
        "nkwire diff 42 --from 1 --to 3     # first and third version",
        "nkwire diff 42 --html edit.html",
    ),
)
def diff(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE", help="An article's id, URL or key, or ext:ID for an imported id."
        ),
    ],
    first: Annotated[
        int | None,
        typer.Option(
            "--from", min=1, max=2**31 - 1, help="Number of the older version. The first is 1."
        ),
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", min=1, max=2**31 - 1, help="Number of the newer version.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a self-contained HTML page. - is standard output."
        ),
    ] = None,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show two versions of an article side by side, by default the last two."""
    from cli.show.side_by_side import diff_to_dict, diff_to_html, print_side_by_side

    check_suffix("--html", html, *PAGE_SUFFIXES)
    check_one_result(html, as_json=as_json)
    with read_database(database) as opened:
        article_id = find_article(opened, name)
        versions = opened.articles.versions(article_id)
        newest = last or len(versions)
        oldest = first or newest - 1
        if len(versions) < 2:
            raise UserError(f"article {article_id} has one version only: nothing was changed")
        for number in (oldest, newest):
            if not 1 <= number <= len(versions):
                raise UserError(f"article {article_id} has versions 1 to {len(versions)}")
        old, new = versions[oldest - 1], versions[newest - 1]
        article = opened.articles.get(article_id)
    if html is not None:
        page = diff_to_html(old, new, article.url, article.language)
        write_page(html, page, f"versions {oldest} and {newest} of article {article_id}")
    if as_json:
        print_json(diff_to_dict(old, new))
    elif html is None:
        print_side_by_side(old, new)


@commands.command(
    rich_help_panel=PANEL_LOOK, epilog=examples("nkwire gaps --outlet kcna", "nkwire gaps --json")
)
def gaps(
    outlet: OutletOption = None, database: DatabaseOption = "", as_json: JsonOption = False
) -> None:
    """List periods without articles: nkwire did not run, an outlet was unreachable, or had no news.

    Use it to distinguish a lack of polls from a lack of news.
    """
    with read_database(database) as opened:
        periods = opened.changes.gaps(now=datetime.now(UTC), outlet=find_outlets(opened, outlet))
        if not periods:
            note_empty(opened, "gaps", {"--outlet": outlet}, _NO_GAPS)
    rows = [
        {
            "outlet": period.outlet,
            "from": period.start,
            "to": period.end,
            "why": period.why.value,
            "cause": period.cause,
        }
        for period in periods
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("outlet", "from", "to", "why", "~cause"),
        [(row["outlet"], row["from"], row["to"], row["why"], row["cause"]) for row in rows],
        drops=("cause",),
    )
