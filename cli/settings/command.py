"""`nkwire config`: what holds and from where, and an example of the file."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import UserError
from cli.options import PANEL_SETUP, JsonOption, examples, load_config
from cli.show.printing import print_json, print_note, print_table
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from crawler.config.config import Config

STARS = "********"
# Shown as far as they hold no secret; the arguments of a command may have one.
ADDRESSES, COMMAND, SEED = ("database_url", "alert_webhook", "smtp"), "alert_command", "dedup_seed"

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_SETUP,
    epilog=examples(
        "nkwire config",
        "nkwire config --json",
        "nkwire config --example > nkwire.toml",
        "nkwire --config /etc/nkwire.toml config",
    ),
)
def config(
    as_json: JsonOption = False,
    example: Annotated[
        bool, typer.Option("--example", help="Print a file of settings with comments.")
    ] = False,
) -> None:
    """Show the settings in force, and whether each is from the environment, the file or a default.

    Checks all of them, also the names of outlets. Secrets are shown as stars.
    """
    from crawler.cadences import cadence_texts
    from crawler.chosen import chosen_outlets
    from crawler.config.config import settings_file, variable
    from crawler.registry import outlets

    if example:
        from cli.settings.example import example_file

        if as_json:
            raise UserError("--example cannot be combined with --json")
        print(example_file(), end="")
        return
    loaded = load_config()
    chosen = chosen_outlets(loaded)
    cadence_texts(loaded)
    origins = loaded.origins()
    rows: list[dict[str, Any]] = [
        {
            "setting": name,
            "variable": variable(name),
            "value": shown_value(loaded, name),
            "origin": origins[name],
        }
        for name in type(loaded).model_fields
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("setting", "~value", "from"),
        [
            [row["setting"], _words(row["value"]) or _default(row["setting"]), row["origin"]]
            for row in rows
        ],
    )
    file = settings_file() or "none"
    print_note(
        f"file of settings: {file}; `nkwire run` reads {len(chosen)} of {format_count(len(outlets()), 'outlet')}"
    )


def shown_value(config: "Config", name: str) -> object:
    """Returns the value of a setting for `nkwire config`: a plain value without any secret."""
    from pydantic import SecretStr

    from storage.guard.secrets import show_address

    value = getattr(config, name)
    if name in ADDRESSES:
        address = value.get_secret_value()
        return show_address(address) if address else ""
    if isinstance(value, SecretStr):
        return STARS if value.get_secret_value() else ""
    if name == SEED:
        return None if value is None else STARS
    if name == COMMAND:
        return [value[0], *[STARS] * (len(value) - 1)] if value else []
    if name == "cadence":
        return dict(value)
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, int) else str(value)


def _words(value: object) -> object:
    if isinstance(value, dict):
        return "; ".join(f"{name}={when}" for name, when in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _default(name: str) -> str:
    """Returns in words what holds if a setting has no value."""
    from crawler.config.config import Config

    extra = Config.model_fields[name].json_schema_extra
    shown = extra["shown"] if isinstance(extra, dict) else ""
    return str(shown).replace("`", "")
