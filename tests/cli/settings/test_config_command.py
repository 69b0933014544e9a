"""`nkwire config`, the option `--config`, and the settings that choose outlets, in all commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.app import take_config_option
from cli.errors import UserError
from cli.settings.example import EXAMPLES, example_file
from crawler.config.config import Config, load_config

Run = Callable[..., Any]
TOKEN = "t0ken-" * 6


def rows(nkwire: Run, *arguments: str) -> dict[str, Any]:
    return {row["setting"]: row for row in nkwire(*arguments, "config", "--json").json}


def test_what_holds_is_shown_with_its_origin(nkwire: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("nkwire.toml").write_text('contact = "a@b.c"\nkeep_log_days = 9\n[cadence]\nall = "2h"')
    monkeypatch.setenv("NKWIRE_KEEP_LOG_DAYS", "7")
    found = rows(nkwire)
    assert (found["contact"]["value"], found["contact"]["origin"]) == ("a@b.c", "nkwire.toml")
    assert (found["keep_log_days"]["value"], found["keep_log_days"]["origin"]) == (7, "environment")
    assert (found["home"]["value"], found["home"]["origin"]) == ("data", "default")
    assert found["cadence"] == {
        "setting": "cadence",
        "variable": "NKWIRE_CADENCE",
        "value": {"all": "2h"},
        "origin": "nkwire.toml",
    }
    assert list(found) == list(Config.model_fields)
    said = nkwire("config")
    assert said.code == 0
    assert any(line.split() == ["outlets", "all", "default"] for line in said.out.splitlines())
    assert "file of settings: nkwire.toml; `nkwire run` reads" in said.err


@pytest.mark.threats("S13")
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
def test_secrets_are_stars(form: tuple[str, ...], nkwire: Run) -> None:
    Path("nkwire.toml").write_text(f"""
web_token = "{TOKEN}"
dedup_seed = 123456789
database_url = "postgresql://u:hidden@db.example/nk"
alert_webhook = "https://hooks.example/hidden-T0ken"
smtp = "smtp://u:hidden@mail.example"
alert_command = ["page", "--token", "hidden"]
""")
    said = nkwire("config", *form)
    assert said.code == 0
    assert not {"hidden", TOKEN, "123456789"} & set(said.out.replace('"', " ").split())
    assert "hidden" not in said.out + said.err
    assert "db.example" in said.out
    assert "page" in said.out


@pytest.mark.parametrize("place", ["before", "after", "with a sign"])
def test_an_option_names_the_file_before_or_after_the_command(
    place: str, nkwire: Run, an_empty_folder: Path
) -> None:
    Path("nkwire.toml").write_text('contact = "not@read"')
    Path("other.toml").write_text('contact = "a@b.c"')
    words = {
        "before": ("--config", "other.toml", "config", "--json"),
        "after": ("config", "--json", "--config", "other.toml"),
        "with a sign": ("config", "--config=other.toml", "--json"),
    }[place]
    said = nkwire(*words)
    assert next(row for row in said.json if row["setting"] == "contact")["origin"] == "other.toml"
    assert load_config().contact == "not@read"  # the option holds for its command only


@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (("--config", "gone.toml", "config"), "", "--config 'gone.toml': there is no such file"),
        (("config", "--config"), "", "--config needs the name of a file"),
        (("config",), "outlets = ['knca']", "nkwire.toml: outlets: no outlet 'knca': did you mean kcna"),
        (("outlets",), "outlets_except = ['tas']", "nkwire.toml: outlets_except: no outlet 'tas': did"),
        (("config",), "[cadence]\nyonhapp = '15m'", "nkwire.toml: cadence: no outlet 'yonhapp': did"),
        (("config",), "[cadence]\nkeep_log_days = 3", "nkwire.toml: cadence: keep_log_days is a setting: it"),
        (("config",), "[cadence]\nyonhap = 'soon'", "nkwire.toml: cadence must be pairs such as"),
        (("config",), "outlet = ['kcna']", "nkwire.toml: there is no setting 'outlet': did you mean 'o"),
        (("run", "--only", "state-medai"), "", "--only: no outlet 'state-medai': did you mean state-m"),
        (("run", "--once", "--only", ","), "", "--only ',' names no outlet"),
        (("crawl", "kcna", "knca"), "", "no outlet 'knca': did you mean kcna"),
        (("config", "--example", "--json"), "", "--example cannot be combined with --json"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_one_line_and_code_2(
    arguments: tuple[str, ...], content: str, said: str, nkwire: Run
) -> None:
    Path("nkwire.toml").write_text(content)
    answer = nkwire(*arguments)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert answer.err.startswith(f"nkwire: {said}")


@given(st.lists(st.sampled_from(["--config", "--config=a", "a", "--", "run", "--configure"])))
def test_only_the_option_itself_is_taken_from_a_command_line(words: list[str]) -> None:
    try:
        file, others = take_config_option(words)
    except UserError:
        return
    before = others[: others.index("--")] if "--" in others else others
    assert not [word for word in before if word.partition("=")[0] == "--config"]
    assert others.count("--") <= words.count("--")
    assert bool(file) == (len(others) < len(words))


def test_the_example_has_every_setting_and_each_line_is_right(
    nkwire: Run, an_empty_folder: Path
) -> None:
    text = nkwire("config", "--example").out
    assert text == example_file()
    Path("nkwire.toml").write_text(text)
    assert load_config().origins() == dict.fromkeys(Config.model_fields, "default")
    active = "\n".join(
        line.removeprefix("#") if line.startswith("#") and line[1:2] != " " else line
        for line in text.splitlines()
    )
    Path("nkwire.toml").write_text(active)
    assert load_config().origins() == dict.fromkeys(Config.model_fields, "nkwire.toml")
    assert EXAMPLES.keys() == Config.model_fields.keys()


@given(
    contact=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=50),
    outlets=st.lists(st.sampled_from(["kcna", "language:ko", "wires"]), min_size=1),
    every=st.sampled_from(["15m", "1h30m", "5 0,6 * * *"]),
)
def test_values_that_are_given_are_written_and_read_back(
    contact: str, outlets: list[str], every: str
) -> None:
    given_values = {"contact": contact, "outlets": outlets, "cadence": {"language:ko": every}}
    Path("written.toml").write_text(example_file(given_values), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NKWIRE_CONFIG", "written.toml")
        config = load_config()
    assert (config.contact, config.outlets) == (contact, tuple(outlets))
    assert config.cadence == (("language:ko", every),)


@pytest.fixture
def read_before(nkwire: Run, write: Callable[..., Path]) -> None:
    """A database with health of two outlets, which are both broken."""
    from storage import open_database
    from storage.records import RunOutcome

    with open_database("sqlite:///data/nkwire.db") as database:
        for name in ("kcna", "tass"):
            for _ in range(3):
                run = database.runs.begin(name)
                run.outcome, run.counts = RunOutcome.FAILED, {"exceptions": 1}
                database.runs.finish(run)
                database.health.assess(name)


@pytest.mark.usefixtures("read_before")
def test_outlets_that_are_paused_or_not_chosen_are_called_so_and_not_broken(nkwire: Run) -> None:
    assert {row["health"] for row in nkwire("status", "--json").json} == {"broken"}
    Path("nkwire.toml").write_text('outlets = ["kcna", "yonhap"]')
    assert nkwire("schedule", "pause", "kcna").code == 0
    found = {row["outlet"]: row for row in nkwire("status", "--json").json}
    assert (found["tass"]["health"], found["tass"]["unread_because"]) == (None, "not chosen")
    assert (found["kcna"]["health"], found["kcna"]["unread_because"]) == (None, "paused")
    table = nkwire("status").out
    assert "broken" not in table
    assert "not chosen" in table


def test_the_schedule_says_where_a_cadence_is_from(nkwire: Run, articles: object) -> None:
    Path("nkwire.toml").write_text(
        'outlets = ["wires", "rodong"]\n[cadence]\nwires = "30m"\nyonhap = "15m"'
    )
    assert nkwire("schedule", "set", "tass", "45m").err.startswith("tass: every 45m, ")
    said = nkwire("schedule", "set", "bbc", "45m").err
    assert said == "bbc: every 45m, but not chosen in the settings\n"
    found = {row["outlet"]: row for row in nkwire("schedule", "list", "--json").json}
    minutes = {name: row["every_seconds"] / 60 for name, row in found.items()}
    assert (minutes["yonhap"], minutes["reuters"], minutes["tass"]) == (15, 30, 45)
    origins = {name: row["origin"] for name, row in found.items()}
    assert (origins["yonhap"], origins["tass"]) == ("nkwire.toml", "schedule")
    assert (origins["rodong"], origins["bbc"]) == ("declaration", "schedule")
    assert (found["bbc"]["chosen"], found["bbc"]["next_at"]) == (False, None)
    assert found["yonhap"]["declared_seconds"] == 20 * 60


def test_the_list_of_outlets_shows_which_are_chosen_and_their_groups(nkwire: Run) -> None:
    Path("nkwire.toml").write_text('outlets = ["kcna"]')
    found = {row["outlet"]: row for row in nkwire("outlets", "--json").json}
    assert [name for name, row in found.items() if row["chosen"]] == ["kcna"]
    assert {"state-media", "north-korean", "wires"} <= set(found["kcna"]["groups"])
    said = nkwire("outlets")
    assert any(line.split()[:2] == ["kcna", "yes"] for line in said.out.splitlines())
    assert said.err.startswith("groups: ")
