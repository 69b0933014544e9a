"""`nkwire search`: finds articles by their words, and counts them."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands.export import StoryOption
from cli.commands.status import build_filters
from cli.errors import UserError
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    LanguageOption,
    OutletOption,
    SinceOption,
    StatementLevelOption,
    UntilOption,
    examples,
    read_database,
)
from cli.show.hit_counts import print_hit_counts
from cli.show.printing import (
    console,
    format_article_time,
    format_value,
    print_json,
    print_note,
)
from cli.show.summaries import note_empty, note_undated
from storage.clean import printable

if TYPE_CHECKING:
    from storage import Database
    from storage.reading.rows import ArticleFilters
    from storage.search.query import SearchField
    from storage.search.search import Hit

commands = typer.Typer(rich_markup_mode="rich")


class HitOrder(StrEnum):
    """The orders of search results."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RELEVANCE = "relevance"


class HitField(StrEnum):
    """The fields in which words are searched."""

    TITLE = "title"
    TEXT = "text"


class CountBy(StrEnum):
    """What the results of a search are counted for."""

    OUTLET = "outlet"
    LANGUAGE = "language"
    MONTH = "month"
    DAY = "day"


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire search '탄도미사일 발사' --outlet yonhap_ko",
        "nkwire search '\"joint drill\" OR exercise -navy' --collapse",
        "nkwire search 'missil*' --since 2025-09-01 --json",
        "nkwire search 'title:missile kcna' --sort relevance",
        "nkwire search missile --count-by month",
        "nkwire search --statement-level government",
    ),
)
def search(
    context: typer.Context,
    words: Annotated[
        str,
        typer.Argument(
            metavar="WORDS",
            help='The words to find. Also: "a phrase", OR, NOT or -word, begin*, ( ), '
            "title:word. Without words: all articles that pass the filters.",
        ),
    ] = "",
    outlet: OutletOption = None,
    language: LanguageOption = "",
    statement_level: StatementLevelOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    story: StoryOption = None,
    collapse: Annotated[
        bool, typer.Option("--collapse", help="Show only the first result of each story.")
    ] = False,
    sort: Annotated[
        HitOrder, typer.Option(help="The order. Relevance counts words, above all in the title.")
    ] = HitOrder.NEWEST,
    within: Annotated[
        HitField | None, typer.Option("--in", help="Find the words only in this field.")
    ] = None,
    count_by: Annotated[
        CountBy | None,
        typer.Option(help="Show how many results there are for each outlet, month ..."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of articles.")] = 20,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Find articles by their words, newest first. Korean, Chinese and Japanese work too.

    Articles without a date come last: `seen` is the day on which nkwire first saw them.
    """
    if count_by is not None and sort is not HitOrder.NEWEST:
        raise UserError("--sort orders articles; --count-by shows none: leave one of them out")
    if count_by is not None and _is_given(context, "limit"):
        raise UserError("--limit is a number of articles; --count-by counts all: leave one out")
    field: SearchField | None = within.value if within else None
    with read_database(database) as opened:
        filters = build_filters(opened, since, until, outlet, language, story, statement_level)
        if not words and count_by is None and not any(filters.values()):
            raise UserError(
                "nothing to search for: write at least one word, or a filter like --since"
            )
        if count_by is not None:
            counts = opened.count_hits(
                words, count_by.value, collapse=collapse, field=field, **filters
            )
            _note_undated(opened, words, field, filters)
            print_hit_counts(counts, count_by, collapse=collapse, as_json=as_json)
            return
        hits = opened.search(
            words,
            collapse=collapse,
            undated_last=True,
            limit=limit,
            sort=sort.value,
            field=field,
            **filters,
        )
        _note_undated(opened, words, field, filters)
        if not hits:
            options = {
                "--outlet": outlet,
                "--language": language,
                "--since": since,
                "--until": until,
                "--story": story,
                "--statement-level": statement_level,
            }
            if words and any(options.values()):
                options = {"these words": words, **options}
            note_empty(opened, "articles", options, "none has these words; `begin*` finds more")
    if as_json:
        print_json([_hit(hit) for hit in hits])
        return
    for hit in hits:
        _print(hit)
    print_note(f"{len(hits):,} found" + (": there may be more, see --limit" * (len(hits) == limit)))


def _note_undated(
    database: "Database", words: str, field: "SearchField | None", filters: "ArticleFilters"
) -> None:
    """Says how many articles with these words have no date and so lie in no period."""
    from storage.export.undated import count_left_out

    note_undated(count_left_out(database, field=field, words=words, **filters))


def _is_given(context: typer.Context, name: str) -> bool:
    """Returns whether the command line has the option, also with the value of its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _hit(hit: "Hit") -> dict[str, Any]:
    from storage.index.unplaced import story_number

    return {
        "article": hit.id,
        "story": story_number(hit.story_id),
        "outlet": hit.outlet,
        "at": hit.published or hit.at,
        "published_at": hit.published,
        "first_seen_at": hit.first_seen_at,
        "language": hit.language,
        "title": hit.title,
        "url": hit.url,
        "snippet": hit.snippet.text,
        "marks": hit.snippet.hit_spans,
    }


def _print(hit: "Hit") -> None:
    from rich.text import Text

    line = Text(
        f"{hit.id}  {format_article_time(hit.published, hit.first_seen_at)}"
        f"  {format_value(hit.outlet)}  ",
        style="dim",
    )
    line.append(format_value(hit.title), style="not dim bold")
    passage, end = Text("   "), 0
    for start, stop in hit.snippet.hit_spans:
        passage.append(printable(hit.snippet.text[end:start]))
        passage.append(printable(hit.snippet.text[start:stop]), style="bold yellow")
        end = stop
    passage.append(printable(hit.snippet.text[end:]))
    console().print(line, passage, sep="\n")
