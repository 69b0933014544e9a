"""`nkwire show` and `nkwire explain`: show one article or story, and explain one pair."""

from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli.arguments.names import find_article, is_number
from cli.commands.reports import follow_number, parse_report
from cli.commands.status import story_row
from cli.errors import UserError
from cli.options import PANEL_LOOK, DatabaseOption, JsonOption, examples, read_database
from cli.show.carriage_tables import print_report
from cli.show.chains import chain_rows, print_chains
from cli.show.edits import format_edit
from cli.show.printing import console, format_value, print_json, print_table
from cli.show.report_lag import print_lag
from storage.clean import printable

if TYPE_CHECKING:
    from storage import Database
    from storage.reading.rows import ArticleRow, CaptureRow, VersionRow

commands = typer.Typer(rich_markup_mode="rich")

ArticleArgument = Annotated[
    str,
    typer.Argument(
        metavar="ARTICLE", help="An article's id, URL or key, or ext:ID for an imported id."
    ),
]


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire show 42",
        "nkwire show s7      # a story",
        "nkwire show r7      # a report",
        "nkwire show ext:42  # the article that was imported with the id 42",
        "nkwire show https://en.yna.co.kr/view/AEN20250905005300315 --json",
    ),
)
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="An article's id, URL or key, or ext:ID for an imported id, or sN for story N, or "
            "rN for report N.",
        ),
    ],
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show an article with its versions, relations and attributions, or a story's or report's articles.

    A former number of a story or report is followed.
    """
    with read_database(database) as opened:
        if name[:1] in "rR" and name[1:].isdecimal():
            _show_report(opened, name.lower(), as_json)
        elif name[:1] in "sS" and is_number(name[1:]):
            _show_story(opened, int(name[1:]), as_json)
        else:
            _show_article(opened, find_article(opened, name), as_json)


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples("nkwire explain 42 57", "nkwire explain 42 57 --json"),
)
def explain(
    a: ArticleArgument,
    b: ArticleArgument,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Explain why two articles are in one story or carry one report, or why not.

    `by these two alone` is what the two would be without others. In the database the other articles of
    a group count too, and what persons have decided.
    """
    from storage.index.unplaced import story_number
    from storage.reports.pair import explain_stored_pair

    with read_database(database) as opened:
        print_lag(opened)
        first_id, second_id = find_article(opened, a), find_article(opened, b)
        if first_id == second_id:
            raise UserError(f"{a} and {b} are the same article")
        pair = explain_stored_pair(opened, first_id, second_id)
    if as_json:
        stories = {each: story_number(place) for each, place in pair.stories.items()}
        print_json({**pair.explanation.to_dict(), "stories": stories, "reports": pair.reports})
        return
    for line in pair.explanation.format_lines():
        print(printable(line))
    for article_id, story_id in pair.stories.items():
        report = (
            f"report r{pair.reports[article_id]}" if article_id in pair.reports else "no report"
        )
        place = f"in s{story_id}" if story_number(story_id) else "in no story yet"
        print(f"  in the database: {article_id} is {place}, {report}")
    if remark := pair.compare_with_group():
        print(f"  in the database: {remark}")


def _show_story(database: "Database", story_id: int, as_json: bool) -> None:
    from storage.changes.wire_chains import find_chains

    story, number = database.stories.get(story_id), database.stories.number(story_id)
    chains = find_chains(database, story.id)
    if as_json:
        former = {"number": story_id, "departures": [asdict(each) for each in number.departures]}
        print_json(story_row(story) | former | {"chains": chain_rows(chains)})
        return
    if story.id != story_id:
        print(f"s{story_id} is s{story.id} now")
    console().print(Text(printable(story.title), "bold"))
    print(f"s{story.id}, first seen {format_value(story.first_seen_at)}")
    members = list(database.articles.iter(story=story.id))
    print_table(
        (">id", "outlet", "relation", "published", "~title"),
        [
            (each.id, each.outlet, each.relation or "lead", each.published, each.title)
            for each in members
        ],
    )
    for each in number.departures:
        left_at = format_value(each.left_at)
        print(f"article {each.article_id} left s{each.left} at {left_at}: s{each.story_id} now")
    print_chains(chains)


def _show_report(database: "Database", name: str, as_json: bool) -> None:
    from storage.reports.carriage import iter_carriage_rows, load_carriage

    print_lag(database)
    reports = load_carriage(database, report_id=follow_number(database, parse_report(name)))
    if as_json:
        print_json(list(iter_carriage_rows(reports, all_articles=True)))
        return
    for report in reports:
        print_report(report)


def _show_article(database: "Database", article_id: int, as_json: bool) -> None:
    from storage.changes.wire_chains import find_chains
    from storage.index.unplaced import story_number
    from storage.reports.carriage import load_report_numbers

    article, versions = database.articles.get(article_id), database.articles.versions(article_id)
    state = database.changes.state_of(article_id)
    story = story_number(article.story_id)
    chains = [
        chain
        for chain in (find_chains(database, story) if story else ())
        if any(link.article.id == article_id for link in chain)
    ]
    report = load_report_numbers(database, [article_id]).get(article_id)
    relations = [asdict(each) for each in database.stories.relations_of(article_id)]
    attributions = [asdict(each) for each in database.articles.attributions(article_id)]
    if as_json:
        print_json(
            {
                **asdict(article),
                "story_id": story,
                "published_at": article.published,
                "report": report,
                "state": state,
                "chains": chain_rows(chains),
                "versions": [asdict(each) | {"published_at": each.published} for each in versions],
                "captures": [_capture_row(each) for each in database.articles.captures(article_id)],
                "relations": relations,
                "attributions": attributions,
            }
        )
        return
    _print_article(article, state, report)
    for old, new in pairwise(versions):
        _print_edit(old, new)
    print_chains(chains)
    if relations:
        names = ("a", "b", "kind", "jaccard", "containment_ab", "containment_ba", "reason")
        columns = (">a", ">b", "relation", ">jaccard", ">a in b", ">b in a", "~because")
        print()
        print_table(
            columns,
            [[_format_number(each[name]) for name in names] for each in relations],
            drops=("a in b", "b in a", "jaccard"),
        )
    if attributions:
        print()
        print_table(
            ("cites", "by", "~words"),
            [(each["agency"], each["kind"], each["words"]) for each in attributions],
        )


def _describe_place(article: "ArticleRow") -> str:
    from storage.index.unplaced import story_number

    if story_number(article.story_id) is None:
        return "in no story yet: run `nkwire recluster`"
    return f"in s{article.story_id} ({article.relation or 'lead document'})"


def _capture_row(capture: "CaptureRow") -> dict[str, Any]:
    """Returns a capture as JSON, its outcome and detail in words."""
    from storage.records import CaptureResult

    row = asdict(capture)
    row["outcome"] = str(CaptureResult(row["outcome"], row.pop("detail")))
    return row


def _print_article(article: "ArticleRow", state: str, report: int | None) -> None:
    console().print(Text(printable(article.title), "bold"))
    facts = {
        "id": f"{article.id} {_describe_place(article)}",
        "report": f"r{report}" if report else "",
        "outlet": article.outlet,
        "address": article.url,
        "published": format_value(article.published) if article.published else "",
        "by": ", ".join(article.authors),
        "first seen": format_value(article.first_seen_at),
        "captured": article.last_captured_at and format_value(article.last_captured_at),
        "state": state if state != "live" else "",
        "gone since": article.gone_at and format_value(article.gone_at),
        "statement": article.statement_level if article.statement_level != "unknown" else "",
        "page": article.page_class if article.page_class != "article" else "",
        "rights": article.rights if article.rights != "full" else "",
    }
    for name, value in facts.items():
        if value:
            print(f"{name:>11}  {format_value(value)}")
    print()
    print(printable(article.text or article.lead))


def _print_edit(old: "VersionRow", new: "VersionRow") -> None:
    print()
    seen_at = new.captured_at or new.stored_at
    console().print(Text(f"edited, seen {format_value(seen_at)}:", "bold"))
    for before, after in ((old.title, new.title), (old.text, new.text)):
        if before != after:
            console().print(format_edit(before, after))


def _format_number(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
