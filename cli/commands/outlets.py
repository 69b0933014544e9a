"""`nkwire outlets` lists the declared outlets. `nkwire outlets check` tests them on the network."""

import logging
from typing import Annotated

import typer

from cli.arguments.names import check_outlet_names
from cli.commands.status import print_outlets
from cli.errors import ExitCode
from cli.options import PANEL_LOOK, JsonOption, examples, load_config
from cli.show.printing import print_json
from storage.clean import printable

commands = typer.Typer(rich_markup_mode="rich")
group = typer.Typer(
    rich_markup_mode="rich",
    invoke_without_command=True,
    epilog=examples("nkwire outlets", "nkwire outlets --json", "nkwire outlets check yonhap"),
)
commands.add_typer(group, name="outlets", rich_help_panel=PANEL_LOOK)


@group.callback()
def outlets(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the declared outlets: how often each is read, its languages and its rights."""
    if context.invoked_subcommand is None:
        print_outlets(as_json=as_json)


@group.command(
    epilog=examples("nkwire outlets check yonhap", "nkwire outlets check kcna rodong --json")
)
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OUTLET]...", help="The outlets to check. By default all declared outlets."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Test outlets on the network with few requests: robots.txt, each source, the newest article.

    Prints a report for each outlet, ready to be pasted into an issue. Stores nothing. Exits with 0
    if every source lists articles and the newest article has a title, a time, and a text or a lead, else with
    3.
    """
    from crawler.authoring.check import check_outlets, check_to_dict, format_check
    from crawler.registry import outlets as declared_outlets

    outlet_names = check_outlet_names(names) if names else list(declared_outlets())
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    results = check_outlets(outlet_names, load_config().home)
    if as_json:
        print_json([check_to_dict(result) for result in results])
    else:
        for result in results:
            print(printable("\n".join(format_check(result))))
    return ExitCode.OK if all(result.passed for result in results) else ExitCode.PARTIAL
