"""`nkwire outlet`: for authors of outlets. Drafts a declaration, inspects pages, makes samples."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.names import check_outlet_names
from cli.errors import UserError
from cli.files.extract import UrlOption
from cli.options import PANEL_AUTHORS, JsonOption, examples, load_config
from cli.show.printing import dumps, print_json, print_note, print_warning

if TYPE_CHECKING:
    from crawler.extract.page.page import Page

ARTICLE = "https://www.example.org/news/20260304/bridge-104.html"

commands = typer.Typer(rich_markup_mode="rich")
group = typer.Typer(
    rich_markup_mode="rich",
    no_args_is_help=True,
    help="Add an outlet: draft its declaration, inspect its pages, make samples for its tests. "
    "docs/adding-an-outlet.md explains every step.",
    epilog=examples(
        "nkwire outlet new example https://www.example.org/",
        f"nkwire outlet inspect article.html --url {ARTICLE}",
        f"nkwire outlet sample example article.html --url {ARTICLE}",
        ".venv/bin/pytest tests/outlets -k example",
    ),
)
commands.add_typer(group, name="outlet", rich_help_panel=PANEL_AUTHORS)

PageArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE|URL",
        help="A saved page, or the URL of one that is fetched as a crawl does: robots.txt, delay "
        "and guards apply.",
    ),
]


@group.command(
    epilog=examples(
        "nkwire outlet new example https://www.example.org/",
        "nkwire outlet new example example.org --folder drafts",
    )
)
def new(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Its name: letters a-z, digits and _."),
    ],
    home_page: Annotated[str, typer.Argument(metavar="URL", help="Its home page, or its host.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where NAME.py is written. In a checkout of nkwire its folder spiders, elsewhere "
            "the folder of the setting outlets_folder, else the current folder.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the draft of an outlet's declaration, to be completed by hand.

    Fetches nothing. No file is replaced.
    """
    import spiders
    from crawler.authoring.drafts import write_draft
    from crawler.registry import outlets

    if name in outlets():
        raise UserError(f"there is an outlet {name!r} already: choose another name")
    own_folder = load_config().outlets_folder
    usual_folder = _checkout_folder("spiders") or own_folder or Path()
    path = write_draft(name, home_page, folder or usual_folder)
    if as_json:
        print_json({"file": str(path)})
    else:
        print(path)
    print_note("complete it: docs/adding-an-outlet.md explains every declaration")
    read_folder = Path(spiders.__path__[0]).resolve()
    read_folders = {read_folder, own_folder.resolve()} if own_folder else {read_folder}
    if path.parent.resolve() not in read_folders:
        print_note(
            f"nkwire reads the outlets in {read_folder}: move the file there, or name its folder in "
            f"nkwire.toml: outlets_folder = {dumps(str(path.parent))}"
        )


@group.command(
    epilog=examples(
        f"nkwire outlet inspect article.html --url {ARTICLE}",
        "nkwire outlet inspect feed.xml --url https://www.example.org/rss.xml",
        "nkwire outlet inspect https://en.yna.co.kr/view/AEN20250905005300315",
    )
)
def inspect(
    page: PageArgument,
    url: UrlOption = "",
    outlet: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Read it as a page of this outlet. By default the URL decides."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show what a page says about each field, and which evidence is used; of a source, its links.

    Needs no declaration. Stores nothing.
    """
    from cli.show.inspection import inspection_row, print_inspection
    from crawler.authoring.inspection import inspect_page
    from crawler.registry import outlet_for, outlets

    names = check_outlet_names([outlet]) if outlet else []
    read_page = _get_page(page, url)
    declaration = outlets()[names[0]] if names else outlet_for(read_page.url)
    inspection = inspect_page(read_page, declaration)
    if as_json:
        print_json(inspection_row(inspection, declaration.name))
    else:
        print_inspection(inspection, declaration.name)


@group.command(
    epilog=examples(
        f"nkwire outlet sample example article.html --url {ARTICLE} --slug article-2026",
        "nkwire outlet sample yonhap https://en.yna.co.kr/RSS/nk.xml --folder samples",
    )
)
def sample(
    outlet: Annotated[str, typer.Argument(metavar="OUTLET", help="A declared outlet.")],
    page: PageArgument,
    url: UrlOption = "",
    slug: Annotated[
        str,
        typer.Option(
            help="The name of the files. By default article or list, and the year.",
            show_default=False,
        ),
    ] = "",
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where OUTLET/SLUG is written. In a checkout of nkwire its folder tests/outlets, "
            "elsewhere the current folder.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Cut a page down to a small sample with invented words, for the tests of an outlet.

    Writes the page and, as JSON, what the outlet reads on it. Compare both with the page and
    correct them. No file is replaced.
    """
    from crawler.authoring.page_samples import make_sample, write_sample
    from crawler.registry import outlets

    [outlet] = check_outlet_names([outlet])
    now = datetime.now(UTC)
    folder = folder or _checkout_folder("tests/outlets") or Path()
    try:
        made = make_sample(_get_page(page, url), outlets()[outlet], now)
        kind = "article" if "article" in made.expected else "list"
        path = write_sample(made, folder / outlet, slug or f"{kind}-{now.year}")
    except ValueError as error:
        raise UserError(f"{page}: {error}") from error
    expected = path.with_suffix(".json")
    if as_json:
        print_json({"page": str(path), "expected": str(expected), "warnings": list(made.warnings)})
    else:
        print(f"{path}\n{expected}")
    for warning in made.warnings:
        print_warning(f"check {warning}")
    print_note("correct both files by the page, then run the tests of the outlet")


def _checkout_folder(name: str) -> Path | None:
    """Returns the folder `name` of the checkout around the current folder; None without one."""
    from crawler.authoring.drafts import find_checkout

    checkout = find_checkout()
    return checkout / name if checkout else None


def _get_page(page: str, url: str) -> "Page":
    """Reads a file or fetches a URL. Raises NoPageError, whose message says why in one line."""
    from crawler.authoring.fetching import get_page

    logging.getLogger("scrapy").setLevel(logging.ERROR)
    return get_page(page, url, load_config().home)
