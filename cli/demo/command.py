"""`nkwire demo`: runs everything offline, within a minute, on pages that come with the package."""

from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from cli.errors import ExitCode, UserError
from cli.options import PANEL_COLLECT, examples, load_config
from cli.show.edits import format_edit
from cli.show.printing import console, format_value, print_table, print_warning
from storage.clean import printable
from storage.files.making import make_folders
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage import Database
    from storage.records import Run

commands = typer.Typer(rich_markup_mode="rich")

DEFAULT_PORT = 8450
OUTLET_RANKS = {"demo-agency": 0, "demo-herald": 9, "demo-radio": 9}


@commands.command(
    rich_help_panel=PANEL_COLLECT,
    epilog=examples("nkwire demo", "nkwire demo --web   # and look at it in a browser"),
)
def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder of the database. It must be new or empty. By default ./nkwire-demo.",
        ),
    ] = None,
    shows_web: Annotated[
        bool,
        typer.Option(
            "--web",
            help="Then show three weeks of an invented press in a browser, until Ctrl-C.",
        ),
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --web: the port. 0 takes a free one.")
    ] = DEFAULT_PORT,
    open_browser: Annotated[
        bool, typer.Option("--open", help="With --web: open the page in your browser.")
    ] = False,
) -> int:
    """Show all of nkwire offline, within a minute, on invented pages that come with it.

    A local server plays three invented outlets. The scheduler reads them twice, each outlet in its
    own child process. Between the two runs one outlet silently edits an article.
    """
    import asyncio

    from crawler.processes.machine_limits import require_means_of_children
    from storage import open_database
    from storage.records import SUCCESS_OUTCOMES

    require_means_of_children()
    target_folder = folder or _free_folder()
    if target_folder.exists() and any(target_folder.iterdir()):
        raise UserError(f"{target_folder} is not empty: name another folder")
    make_folders(target_folder)
    url = f"sqlite:///{target_folder / 'nkwire.db'}"
    database = open_database(url, seed=1)
    try:
        database.outlets.declare_ranks(OUTLET_RANKS)
        failed_runs = [
            run
            for run in asyncio.run(_read_twice(database, url, target_folder))
            if run.outcome not in SUCCESS_OUTCOMES
        ]
        for run in failed_runs:
            print_warning(f"{run.outlet}: {run.outcome}: {run.cause}")
        if not failed_runs:
            _print_stories(database, url)
        if shows_web and not failed_runs:
            _add_invented_press(database)
    finally:
        database.close()
    if failed_runs:
        return ExitCode.FAILED
    return _serve(url, port, open_browser=open_browser) if shows_web else ExitCode.OK


def _add_invented_press(database: "Database") -> None:
    from cli.demo.newsroom.filling import fill

    fill(database)
    print_line(
        f"\nAdded three weeks of an invented press: {format_count(database.articles.count(), 'article')} now."
    )


def _serve(url: str, port: int, *, open_browser: bool) -> int:
    from cli.demo.newsroom.filling import demo_outlets
    from cli.web.declared import declared_outlets
    from cli.web.serving import serve_pages
    from crawler.registry import outlets
    from web.options import WebOptions

    invented = {**declared_outlets(outlets("cli.demo.spiders")), **demo_outlets()}
    options = WebOptions(database_url=url, port=port, outlets=invented)
    return serve_pages(options, load_config(), open_browser=open_browser)


async def _read_twice(database: "Database", url: str, home: Path) -> "list[Run]":
    from cli.demo.site import Site, serve_site

    site = Site(datetime.now(ZoneInfo("Asia/Seoul")))
    with serve_site(site) as port:
        print_line("Three invented outlets on loopback: an agency, a newspaper, a broadcaster.")
        first = await _run_all(database, url, home, port)
        _print_runs("First run", first)
        site.edit()
        second = await _run_all(database, url, home, port, recheck=True)
        _print_runs("Second run, after one page was edited", second)
    return [*first, *second]


async def _run_all(
    database: "Database", url: str, home: Path, port: int, *, recheck: bool = False
) -> "list[Run]":
    """Runs the scheduler once. Every outlet is due and is read in a child process.

    `recheck`: fetches known articles now, not only after hours. Such a run says nothing about the
    health of the outlet.
    """
    from cli.demo.site import HOSTS
    from crawler.crawl.options import CrawlOptions
    from crawler.processes.children import ProcessLimits, ProcessPool
    from scheduler import Cadence, Scheduler

    options = CrawlOptions(
        database_url=url,
        home=home,
        recheck=recheck,
        settings={
            "LOG_LEVEL": load_config().log_level or "WARNING",
            "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"],
            "NKWIRE_RESOLVE": [f"{host}=127.0.0.1:{port}" for host in HOSTS],
        },
    )
    pool = ProcessPool(
        "cli.service.tasks:crawl_demo", lambda _: options, ProcessLimits(deadline=60)
    )
    cadences = [Cadence(outlet=name, every=timedelta(0)) for name in OUTLET_RANKS]
    results = await Scheduler(database, pool, cadences).run_once()
    return [result.to_run() for result in results or ()]


def _print_runs(title: str, runs: "list[Run]") -> None:
    from storage.records import STORED_OUTCOMES

    print_line(f"\n{title}")
    print_table(
        ("outlet", ">process", "outcome", ">new", ">edited", ">unchanged"),
        [
            (
                run.outlet,
                run.pid,
                run.outcome,
                *(run.stored(each) for each in STORED_OUTCOMES),
            )
            for run in runs
        ],
    )


def _print_stories(database: "Database", url: str) -> None:
    from storage.reports.carriage import load_carriage

    stories, reports = list(database.stories.iter()), load_carriage(database, min_outlets=2)
    articles = sum(len(story.members) for story in stories)
    copies = articles - len(stories)
    print_line(
        f"\n{articles} articles are {len(stories)} stories: {copies} are copies. Each table is one report:"
    )
    for report in reports:
        print()
        print_table(
            ("", ">article", "story", "outlet", "is", "published", "~headline"),
            [
                (
                    "  ",
                    each.article_id,
                    f"s{database.articles.get(each.article_id).story_id}",
                    each.outlet,
                    each.manner.label,
                    each.time,
                    each.title,
                )
                for each in report.articles
            ],
        )
    _print_attributions(database)
    _print_edits(database)
    print_line(f"\nThe database is {url.removeprefix('sqlite:///')}. Look at it:")
    a, b = (each.article_id for each in reports[0].articles[:2])
    for command in ("carriage", f"show {a}", f"explain {a} {b}", "export - --collapse"):
        print_line(f"  nkwire {command} --database {url}")


def _print_attributions(database: "Database") -> None:
    print_line("\nWhom the articles cite:\n")
    print_table(
        ("", ">article", "outlet", "cites", "~words"),
        [
            ("  ", row.id, row.outlet, each.agency, each.words)
            for row in database.articles.iter()
            for each in database.articles.attributions(row.id)[:1]
        ],
    )


def _print_edits(database: "Database") -> None:
    print_line("\nEdited without notice between the two runs:\n")
    for article in database.articles.iter():
        for old, new in pairwise(database.articles.versions(article.id)):
            seen_at = new.captured_at or new.stored_at
            print_line(
                f"  {article.id} {article.outlet}: {new.title} (seen {format_value(seen_at)})"
            )
            console().print("   ", format_edit(old.text, new.text), soft_wrap=True)


def _free_folder() -> Path:
    """Returns `nkwire-demo` in the current folder, with a number if it exists already."""
    names = (Path("nkwire-demo" if i == 1 else f"nkwire-demo-{i}") for i in count(1))
    return next(name for name in names if not name.exists())


def print_line(line: str) -> None:
    """Prints one line of the demo."""
    print(printable(line), flush=True)
