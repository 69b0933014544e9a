"""`nkwire extract` and `nkwire links`: read saved pages and sources without a database."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

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
    from crawler.registry import outlet_for

    _check_url(url)
    body = _read(file)
    outlet = outlet_for(url)
    parsed = parse_source(match_source(outlet, url, body), body, url, outlet, datetime.now(UTC))
    for link in parsed.links:
        print(
            dumps(
                {
                    "url": link.url,
                    "title": link.title,
                    "published_at": _format_published_at(
                        link.published_at, link.published_precision
                    ),
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
    from crawler.recorded.saved_pages import read_file, read_manifest

    def report_problem(location: str, message: str) -> None:
        counts[NOT_READ] += 1
        print_warning(f"{location}: {message}")

    if manifest:
        try:
            yield from read_manifest(manifest, report_problem)
        except OSError as error:
            raise UserError(f"{manifest}: {error.strerror}") from error
    elif file:
        _check_url(url)
        if not file.is_file():
            raise UserError(f"{file}: no such file")
        yield read_file(file, url)


def _format_published_at(at: datetime | None, precision: str) -> str | None:
    """Returns the time in ISO 8601, only as precise as it is known: a day has no hour or zone."""
    lengths = {"day": 10, "month": 7, "year": 4}
    if at is None:
        return None
    return at.isoformat()[: lengths[precision]] if precision in lengths else at.isoformat()


def _read(path: Path) -> bytes:
    """Returns a saved response, at most MAX_PAGE_BYTES + 1 bytes of it.

    The extra byte shows the parser that the response is too long. Raises UserError if the file
    cannot be read.
    """
    from crawler.extract.page.guard import MAX_PAGE_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_PAGE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise UserError(f"{url!r} is no http(s) address; give the one that the page was saved from")
