"""`nkwire extract` and `nkwire links`: read saved pages and sources without a database."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import ExitCode, UserError
from cli.options import PANEL_FILES, examples
from cli.show.printing import dumps, format_counts, print_warning, progress

commands = typer.Typer(rich_markup_mode="rich")

NOT_READ = "not read"

FileArgument = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A saved page.", show_default=False)
]
UrlOption = Annotated[str, typer.Option("--url", help="The URL that the file was saved from.")]


@commands.command(
    rich_help_panel=PANEL_FILES,
    epilog=examples(
        "nkwire extract page.html --url https://en.yna.co.kr/view/AEN20250905005300315",
        "nkwire extract --manifest pages/index.jsonl > articles.jsonl",
    ),
)
def extract(
    file: FileArgument = None,
    url: UrlOption = "",
    manifest: Annotated[
        Path | None,
        typer.Option(
            metavar="INDEX.jsonl",
            help="Read many pages: JSON lines with `file` (relative to the index) and `url`.",
        ),
    ] = None,
) -> int:
    """Extract the articles from saved pages and print one JSON object for each page.

    Nothing is stored. Fields: file, url, outlet, page_class, title, published_at, authors,
    language, text, evidence. A listing or feed also has items: url, title, date and key of each
    link.
    """
    if (file is None) == (manifest is None):
        raise UserError("give either FILE with --url, or --manifest")
    counts: Counter[str] = Counter()
    with progress() as bar:
        task = bar.add_task("reading pages", total=None)
        for row in _rows(file, url, manifest, counts):
            counts[row["page_class"]] += 1
            print(dumps(row))
            bar.advance(task)
    if manifest:
        print_warning(format_counts(counts))
    return ExitCode.PARTIAL if counts[NOT_READ] else ExitCode.OK


@commands.command(
    rich_help_panel=PANEL_FILES,
    epilog=examples("nkwire links feed.xml --url https://en.yna.co.kr/RSS/nk.xml"),
)
def links(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A saved listing, feed or sitemap.")],
    url: UrlOption,
) -> int:
    """List the links of a saved listing, feed or sitemap, one JSON object for each link.

    Fields: url, title, published_at, key.
    """
    from crawler.discovery.source_parser import match_source, parse_source
    from crawler.recorded.saved_pages import explain_read_error, format_listed_date, load_body
    from crawler.registry import outlet_for

    try:
        body = load_body(file, url)
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: {explain_read_error(error)}") from error
    outlet = outlet_for(url)
    parsed = parse_source(match_source(outlet, url, body), body, url, outlet, datetime.now(UTC))
    for link in parsed.links:
        print(
            dumps(
                {
                    "url": link.url,
                    "title": link.title,
                    "published_at": format_listed_date(link),
                    "key": link.key,
                }
            )
        )
    for problem in parsed.problems:
        print_warning(f"{file}: {problem}")
    if not parsed.links:
        print_warning(f"{file}: no link to an article of {outlet.name} found")
    return ExitCode.OK if parsed.links else ExitCode.PARTIAL


def _rows(
    file: Path | None, url: str, manifest: Path | None, counts: Counter[str]
) -> Iterator[dict[str, Any]]:
    """Yields one row for each page. Prints and counts the problems of pages and lines."""
    from crawler.recorded.saved_pages import explain_read_error, read_file, read_manifest

    def report_problem(location: str, message: str) -> None:
        counts[NOT_READ] += 1
        print_warning(f"{location}: {message}")

    if manifest:
        try:
            yield from read_manifest(manifest, report_problem)
        except OSError as error:
            raise UserError(f"{manifest}: {error.strerror}") from error
    elif file:
        try:
            row = read_file(file, url)
        except (OSError, ValueError) as error:
            raise UserError(f"{file}: {explain_read_error(error)}") from error
        yield row
