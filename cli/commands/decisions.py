"""`nkwire merge`, `split` and `recluster`: store a person's decisions and recluster the corpus."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments.names import find_article
from cli.commands.show import ArticleArgument
from cli.errors import UserError
from cli.options import (
    PANEL_DECIDE,
    DatabaseOption,
    JobsOption,
    JsonOption,
    examples,
    load_config,
    open_database,
    read_database,
)
from cli.show.printing import print_json, progress
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage import Database
    from storage.reports.deciding import Decided

commands = typer.Typer(rich_markup_mode="rich")

NoteOption = Annotated[str, typer.Option(help="The reason, stored with the decision.")]


@commands.command(
    rich_help_panel=PANEL_DECIDE,
    epilog=examples("nkwire merge 42 57", "nkwire merge 42 57 --note 'same statement, re-headed'"),
)
def merge(
    a: ArticleArgument,
    b: ArticleArgument,
    note: NoteOption = "",
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decide that two articles belong to one story, however different their texts are.

    The older story keeps its number, and the number of the other leads to it from now on. The
    decision outlives every reclustering.
    """
    from storage.reports.deciding import merge as decide

    with open_database(database) as opened:
        first_id, second_id = find_article(opened, a), find_article(opened, b)
        if first_id == second_id:
            raise UserError(f"{a} and {b} are the same article")
        decided = decide(opened, first_id, second_id, note)
        result = _describe_changes(opened, decided)
    if as_json:
        print_json(result)
        return
    print(f"{first_id} and {second_id} are in s{result['stories'][first_id]} now")
    _print_changes(result)


@commands.command(
    rich_help_panel=PANEL_DECIDE, epilog=examples("nkwire split 42", "nkwire split 42 --from 57")
)
def split(
    a: ArticleArgument,
    other: Annotated[
        str, typer.Option("--from", metavar="ARTICLE", help="Separate only from this article.")
    ] = "",
    note: NoteOption = "",
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decide that an article does not belong to its story.

    The article leaves, and the rest of the story keeps its number. With --from only these two are
    separated: each other article goes with the one that it is more similar to, and the larger part
    keeps the number. The decision outlives every reclustering.
    """
    from storage.index.unplaced import story_number
    from storage.reports.deciding import split as decide

    with open_database(database) as opened:
        article_id = find_article(opened, a)
        number = story_number(opened.articles.get(article_id).story_id)
        if number is None:
            raise UserError(f"{a} is not placed yet: run `nkwire recluster` first")
        story = opened.stories.get(number)
        if not other and len(story.members) == 1:
            raise UserError(f"{a} is the only article in s{story.id}")
        decided = decide(opened, article_id, find_article(opened, other) if other else None, note)
        result = _describe_changes(opened, decided)
    other_ids = decided.articles[1:]
    if as_json:
        print_json(result)
        return
    new_story_id = result["stories"][article_id]
    print(f"{article_id} is in s{new_story_id} now, apart from {', '.join(map(str, other_ids))}")
    _print_changes(result)


def _describe_changes(database: "Database", decided: "Decided") -> dict[str, Any]:
    """Returns what a decision did: the stories of the articles, who moved, what redirects."""
    changes = decided.changes
    stories = {each: database.articles.get(each).story_id for each in decided.articles}
    numbers = {*changes.redirects.values(), *(move.left for move in changes.moves)}
    return {
        "stories": stories,
        "kept": sorted(numbers - changes.redirects.keys()),
        "redirects": [
            {"story": story, "into": into} for story, into in sorted(changes.redirects.items())
        ],
        "moved": [asdict(move) for move in changes.moves],
    }


def _print_changes(result: dict[str, Any]) -> None:
    if result["kept"]:
        print(f"{', '.join(f's{story}' for story in result['kept'])} keeps its number")
    for each in result["redirects"]:
        print(f"s{each['story']} is s{each['into']} now: its number leads there")
    for each in result["moved"]:
        print(f"article {each['article']} went from s{each['left']} to s{each['into']}")
    if not result["moved"]:
        print("no article changed its story")


@commands.command(
    rich_help_panel=PANEL_DECIDE,
    epilog=examples("nkwire recluster --dry-run", "nkwire recluster", "nkwire recluster --jobs 0"),
)
def recluster(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would change. Change nothing.")
    ] = False,
    only_reports: Annotated[
        bool,
        typer.Option("--reports", help="Only compute all reports again. Stories stay as they are."),
    ] = False,
    jobs: JobsOption = 1,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Compare all articles again by the current rules, and compute all reports.

    Decisions by persons stay in force. The result is the same for any number of jobs.

    Needed once after an upgrade that changes the comparison. Needs 5 kB of disk for each article in
    $TMPDIR.
    """
    from dedup.bulk.task_pool import open_task_pool
    from dedup.text.kernel_loader import use_kernel
    from storage.reports.working_out import rebuild_reports

    if only_reports:
        _rebuild_reports(database, as_json=as_json, dry_run=dry_run)
        return
    opener = read_database if dry_run else open_database
    prepare = partial(use_kernel, load_config().kernel)
    with (
        opener(database) as opened,
        progress() as bar,
        open_task_pool(jobs, prepare) as pool,
    ):
        task = bar.add_task("comparing", total=None)
        result = opened.recluster(
            pool=pool,
            dry_run=dry_run,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
        if not dry_run:
            bar.update(task, description="working out reports", total=None)
            rebuild_reports(opened)
    if as_json:
        print_json(asdict(result))
        return
    print(
        f"{format_count(result.articles, 'article')},"
        f" {format_count(result.stories_before, 'story', 'stories')} before,"
        f" {result.stories_after:,} {'would be' if dry_run else 'now'};"
        f" {format_count(len(result.moved), 'article')} with others than before"
    )
    if result.moved:
        print(f"moved: {' '.join(map(str, result.moved))}")


def _rebuild_reports(database: str, *, as_json: bool, dry_run: bool) -> None:
    from storage.reports.carriage import count_reports
    from storage.reports.working_out import rebuild_reports

    if dry_run:
        raise UserError("--reports and --dry-run exclude each other: leave one out")
    with open_database(database) as opened:
        before = opened.read(count_reports)
        rebuild_reports(opened)
        after = opened.read(count_reports)
    if as_json:
        print_json({"reports_before": before, "reports_after": after})
    else:
        print(f"{format_count(before, 'report')} before, {after:,} now")
