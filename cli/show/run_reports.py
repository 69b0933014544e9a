"""Prints what runs did: a table or JSON, a line for each article of a dry run."""

from typing import TYPE_CHECKING, Any

from cli.errors import ExitCode
from cli.show.printing import format_value, print_json, print_note, print_table
from storage.counts import Count
from storage.records import STORED_OUTCOMES, RunOutcome
from storage.wording.run_counts import describe_run_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import Article, Run


def format_completeness(runs: "Sequence[Run]") -> list[str]:
    """Returns one line for each outlet whose site declares its number of articles."""
    counts_by_outlet = {run.outlet: run.counts for run in runs if Count.DECLARED in run.counts}
    return [
        f"{outlet}: declared {counts[Count.DECLARED]:,}, listed {counts.get(Count.DECLARED_LISTED, 0):,}, "
        f"stored {counts.get(Count.DECLARED_STORED, 0):,}"
        for outlet, counts in counts_by_outlet.items()
    ]


def print_run_report(runs: "Sequence[Run]", *, as_json: bool) -> int:
    """Prints the outcome of each run and returns the exit code.

    The code is FAILED if a run failed, PARTIAL if one could not read everything, and else OK.
    """
    from storage.records import FAILED_OUTCOMES, SUCCESS_OUTCOMES

    if as_json:
        print_json([run_report_row(run) for run in runs])
    else:
        columns = ("outlet", "outcome", ">new", ">edited", ">unchanged", "~what happened")
        print_table(
            columns,
            [[*list(run_report_row(run).values())[:5], _cause(run)] for run in runs],
            drops=("unchanged", "edited"),
        )
    outcomes = {run.outcome for run in runs}
    return (
        ExitCode.FAILED
        if outcomes & FAILED_OUTCOMES
        else ExitCode.PARTIAL
        if outcomes - SUCCESS_OUTCOMES
        else ExitCode.OK
    )


def run_report_row(run: "Run") -> dict[str, Any]:
    """Returns a run as JSON, with its counts of new, edited and unchanged articles."""
    return {
        "outlet": run.outlet,
        "outcome": run.outcome,
        **{each.value: run.stored(each) for each in STORED_OUTCOMES},
        "cause": run.cause,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "counts": run.counts,
    }


def print_dry_run_article(article: "Article") -> None:
    """Prints one line for an article of a dry run. Called in the child process of the crawl."""
    print(_format_article(article), flush=True)


def note_dry_run_article(article: "Article") -> None:
    """Prints the line of an article on standard error: standard output is for the JSON."""
    print_note(_format_article(article))


def _format_article(article: "Article") -> str:
    date = article.published_at.date().isoformat() if article.published_at else "no date"
    return f"{date}  {format_value(article.title)}  {format_value(article.url)}"


def _cause(run: "Run") -> str:
    """Returns why a run ended so; of a good run, what it did and what is of note."""
    if run.outcome is RunOutcome.OK and run.cause:
        return f"{describe_run_counts(run.counts)}; {run.cause}"
    return run.cause or describe_run_counts(run.counts)
