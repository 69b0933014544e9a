"""Defines all settings, and loads them. Nothing else in nkwire reads its settings' variables.

from crawler.config.config import load_config

config = load_config()
print(config.home, config.origins()["home"])
"""

import codecs
import os
import reprlib
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from crawler.config import values
from crawler.config.settings_file import FILE_VARIABLE, ConfigError, settings_file
from dedup.text.kernel_loader import KernelMode
from storage.guard import secrets

if TYPE_CHECKING:
    from pydantic.config import JsonDict

__all__ = ["Config", "ConfigError", "load_config", "settings_file"]

PREFIX = "NKWIRE_"
SIMILAR = 0.8  # so alike is a slip of the pen; Kubernetes sets NKWIRE_PORT for a service "nkwire"
FOREIGN_VARIABLES = {FILE_VARIABLE, "NKWIRE_DB_PASSWORD"}  # the second is of deploy/compose.yaml
ENVIRONMENT, DEFAULT = "environment", "default"

Words = Annotated[tuple[str, ...], BeforeValidator(values.split_list)]
Line = Annotated[str, AfterValidator(values.one_line)]
Days = Annotated[int, BeforeValidator(values.whole_number), Field(ge=1, le=99_999)]
# The values of all others are not repeated: an address may be written into the wrong setting, and a
# command may have a token among its arguments.
_SHOWN = (
    "home",
    "outlets_folder",
    "chromium",
    "log_level",
    "log_format",
    "keep_log_days",
    "keep_warc_days",
    "kernel",
)
# Of these the reason is shown too: it repeats the part that is wrong, and they hold no secrets.
_EXPLAINED = ("outlets", "outlets_except", "cadence")
DAYS = "a number of days from 1 to 99999; leave it empty for the default"


def _setting(default: object, description: str, *, must_be: str, shown: str = "none") -> Any:
    """Returns a field. `must_be`: what is allowed; `shown`: the default as the manual says it."""
    extra: JsonDict = {"must_be": must_be, "shown": shown}
    return Field(default=default, description=description, json_schema_extra=extra)


class Config(BaseSettings):
    """All settings. A new object reads the environment and the file; use `load_config`.

    The variable of a setting is its name in capitals after `NKWIRE_`; its key in the file is its
    name. Secrets are `SecretStr`, which prints as stars.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        enable_decoding=False,  # lists are separated by commas, not JSON
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    home: Annotated[Path, BeforeValidator(values.folder_name)] = _setting(
        Path("data"),
        "the folder of all files: database, `warc/`, `logs/`, `live/`. If a SQLite database is in "
        "another folder, its recordings are also looked for in `warc/` beside it",
        must_be="the path of a folder on this machine (recordings go to s3:// by NKWIRE_ARCHIVE)",
        shown="`./data`",
    )
    archive: Annotated[Line, AfterValidator(values.archive_address)] = _setting(
        "",
        "address of the [archive](operations.md#the-archive): a copy of each recording goes there when its run has "
        "ended, and all hosts read it there; `s3://BUCKET/PREFIX` needs the extra `s3`",
        must_be="an address such as s3://BUCKET/PREFIX, without a password",
    )
    database_url: Annotated[SecretStr, AfterValidator(values.database_url)] = _setting(
        SecretStr(""),
        "SQLAlchemy URL: `sqlite:///FILE` or `postgresql://user@host/name`; the option "
        "`--database` overrides it",
        must_be="sqlite:///FILE or postgresql://HOST/NAME; USER@ may stand before HOST",
        shown="`nkwire.db` in `NKWIRE_HOME`",
    )
    dedup_seed: (
        Annotated[int, BeforeValidator(values.whole_number), Field(ge=0, lt=1 << 63)] | None
    ) = _setting(
        None,
        "MinHash seed for a new database, so that a result can be repeated",
        must_be="a whole number from 0 to 2^63-1",
        shown="random",
    )
    contact: Line = _setting(
        "",
        "your page or mail address; outlets see it in the user agent; please set it",
        must_be="one line of text",
    )
    outlets: Annotated[Words, AfterValidator(values.selectors)] = _setting(
        (),
        "which outlets `nkwire run` reads: names, [groups](#choose-outlets), `language:ko`, "
        "`country:JP`, separated by commas",
        must_be="names and groups of outlets, separated by commas",
        shown="all",
    )
    outlets_except: Annotated[Words, AfterValidator(values.selectors)] = _setting(
        (),
        "which of these it does not read",
        must_be="names and groups of outlets, separated by commas",
    )
    outlets_folder: Annotated[Path, BeforeValidator(values.folder_name)] | None = _setting(
        None,
        "a folder with [outlets of your own](adding-an-outlet.md#a-folder-of-your-own)",
        must_be="the path of a folder",
    )
    cadence: Annotated[values.Pairs, BeforeValidator(values.cadence_pairs)] = _setting(
        (),
        "how often outlets are read: `yonhap=15m; wires=30m; all=2h`; in the file it is a table",
        must_be="pairs such as yonhap=15m, separated by semicolons",
        shown="as each outlet declares",
    )
    chromium: Line = _setting(
        "",
        "the browser, for outlets that need one",
        must_be="the name or path of a program",
        shown="searched on PATH",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] | None = _setting(
        None,
        "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`; the option `--verbose` overrides it",
        must_be="one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        shown="`INFO` for the service, less for other commands",
    )
    log_format: Literal["console", "json"] = _setting(
        "console",
        "`console` or `json`. JSON has one object on each line, with `time`, `level`, `logger`, "
        "`message`, `pid`, in a run also `outlet`, and after an error `exception`",
        must_be="one of console, json",
        shown="`console`",
    )
    alert_webhook: Annotated[SecretStr, AfterValidator(values.web_url)] = _setting(
        SecretStr(""),
        "http(s) address to which [alerts](health.md#alerts) are sent as JSON",
        must_be="an http(s) address",
    )
    alert_mail: Annotated[Words, AfterValidator(values.mail_addresses)] = _setting(
        (),
        "mail addresses that get alerts, separated by commas",
        must_be="mail addresses, separated by commas",
    )
    alert_from: Annotated[Line, AfterValidator(values.mail_address)] = _setting(
        "",
        "sender of these mails",
        must_be="one mail address",
        shown="the first of these addresses",
    )
    smtp: Annotated[SecretStr, AfterValidator(values.mail_server)] = _setting(
        SecretStr("smtp://localhost"),
        "server for these mails: `smtp://USER:PASSWORD@HOST:587`, `smtps://HOST`; a password is "
        "sent only if the connection is encrypted",
        must_be="smtp://HOST:PORT or smtps://HOST:PORT; USER:PASSWORD@ may stand before HOST",
        shown="`smtp://localhost`",
    )
    alert_command: Annotated[tuple[str, ...], BeforeValidator(values.split_command)] = _setting(
        (),
        "program with arguments, run without a shell; it gets alerts as JSON on its standard input",
        must_be="a program with arguments; quotation marks come in pairs",
    )
    monitor_hosts: Annotated[Words, AfterValidator(values.host_names)] = _setting(
        (),
        "further names by which `/health` and `/metrics` of `nkwire run --port` may be asked, "
        "such as `nkwire:9464`, separated by commas",
        must_be="host names with or without a port, separated by commas",
    )
    keep_log_days: Days = _setting(
        30,
        "days after which `nkwire tidy` and the service delete log files",
        must_be=DAYS,
        shown="30",
    )
    keep_warc_days: Days | None = _setting(
        None,
        "days after which they delete the recordings of runs that lost nothing",
        must_be=DAYS,
        shown="for ever",
    )
    keep_free_mb: (
        Annotated[int, BeforeValidator(values.whole_number), Field(ge=0, le=1 << 30)] | None
    ) = _setting(
        None,
        "megabytes to keep free for the home folder, the recordings, the database and temporary "
        "files: with less, nothing is fetched; 0 turns this off",
        must_be="a whole number of megabytes, 0 to turn this off",
        shown="1024, or a twentieth of a file system smaller than 20 GB",
    )
    allow_addresses: Annotated[Words, AfterValidator(values.networks)] = _setting(
        (),
        "networks that nkwire may fetch from although they are not public, such as `127.0.0.0/8`, "
        "separated by commas",
        must_be="networks such as 127.0.0.0/8, separated by commas",
    )
    resolve: Annotated[Words, AfterValidator(values.host_pairs)] = _setting(
        (),
        "`host=address:port` pairs that replace DNS for a host, separated by commas",
        must_be="pairs of host=address:port, separated by commas",
    )
    kernel: Annotated[KernelMode, BeforeValidator(values.digits)] = _setting(
        "auto",
        "when texts are compared by compiled code (extra `fast`): `auto` after many texts, `0` "
        "never, `1` from the first text on",
        must_be="one of auto, 0, 1",
        shown="`auto`",
    )

    web_token: Annotated[SecretStr, AfterValidator(values.token)] = _setting(
        SecretStr(""),
        "what a visitor of [`nkwire web`](web.md#access) must show if it listens beyond this machine",
        must_be="at least 32 ASCII characters without spaces: `openssl rand -hex 32` makes one",
    )

    _without_nul = field_validator("*", mode="before")(values.without_nul)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Returns the sources, the strongest first."""
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, settings_file()),
        )

    def resolved_database_url(self, option: str = "") -> str:
        """Returns the URL of the database: the option, else the setting, else SQLite in `home`."""
        return option or self.database_url.get_secret_value() or sqlite_url(self.home)

    def remember_secrets(self) -> None:
        """Lets logs and messages mask all settings that are secret, and those of libpq."""
        for url in (self.database_url, self.alert_webhook, self.smtp):
            if text := url.get_secret_value():
                secrets.remember_address(text)
        seed = "" if self.dedup_seed is None else str(self.dedup_seed)
        secrets.remember_secrets(self.web_token.get_secret_value(), seed)
        secrets.remember_environment(os.environ)

    def origins(self) -> dict[str, str]:
        """Returns where each setting comes from: ENVIRONMENT, the name of the file, or DEFAULT."""
        found = dict.fromkeys(type(self).model_fields, DEFAULT)
        for origin, given in reversed(list(_sources())):
            found.update(dict.fromkeys(given, origin))
        return found


def sqlite_url(home: Path) -> str:
    """Returns the URL of the SQLite database in a folder."""
    return f"sqlite:///{(home / 'nkwire.db').as_posix()}"


def variable(name: str) -> str:
    """Returns the variable of the environment for the setting `name`."""
    return f"{PREFIX}{name.upper()}"


def load_config() -> Config:
    """Returns the settings: the environment before the file before the defaults.

    Raises ConfigError, whose message names the variable or the file and its key, and what is
    allowed.
    """
    try:
        _check_names()
        config = Config()
        config.remember_secrets()
        return config
    except ConfigError:
        raise
    except ValidationError as error:
        _explain(error)
    except ValueError as error:  # TOMLDecodeError, or what `tomllib` lets through
        reason = _describe_fault(error)
        raise ConfigError(f"{settings_file()} is no TOML: {reason}") from None
    except RecursionError:
        raise ConfigError(f"{settings_file()} is no TOML for settings: too deeply nested") from None
    except OSError as error:
        raise ConfigError(
            f"{error.filename or settings_file()} cannot be read: {error.strerror}"
        ) from None


def _describe_fault(error: ValueError) -> str:
    """Returns why the file of settings cannot be read as TOML."""
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    file = settings_file()
    if file and file.read_bytes().startswith(codecs.BOM_UTF8):
        return "it begins with a byte order mark: save it as UTF-8 without BOM"
    return str(error)


def _sources() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields each source by its name with what it sets, the strongest first."""
    yield ENVIRONMENT, EnvSettingsSource(Config)()
    if file := settings_file():
        yield str(file), TomlConfigSettingsSource(Config, file)()


def ignored_variables() -> tuple[str, ...]:
    """Returns the names of the variables that begin like settings and are none, sorted."""
    return tuple(sorted(name for name in _unknown_variables() if not _similar(name, SIMILAR)))


def _unknown_variables() -> Iterator[str]:
    known = FOREIGN_VARIABLES | {variable(field) for field in Config.model_fields}
    return (name for name in os.environ if name.startswith(PREFIX) and name not in known)


def _similar(name: str, cutoff: float) -> str | None:
    """Returns the setting whose name is most like this one, if it is so much like it (0 to 1)."""
    wanted = name.lower().removeprefix(PREFIX.lower())
    return next(iter(get_close_matches(wanted, Config.model_fields, n=1, cutoff=cutoff)), None)


def _check_names() -> None:
    """Raises ConfigError for a variable that is like a setting, or a key of the file that is none."""
    for name in _unknown_variables():
        if similar := _similar(name, SIMILAR):
            hint = f"did you mean {variable(similar)!r}?"
            raise ConfigError(f"{ENVIRONMENT}: there is no setting {name!r}: {hint}")
    if file := settings_file():
        with file.open("rb") as opened:
            given = tomllib.load(opened)
        for name in given.keys() - Config.model_fields.keys():
            similar = _similar(name, 0.6)
            hint = f"did you mean {similar!r}?" if similar else "see docs/settings.md"
            raise ConfigError(f"{file}: there is no setting {name!r}: {hint}")
        table = given.get("cadence")
        for name in table if isinstance(table, dict) else ():
            if name in Config.model_fields:
                place = "it must stand above the table [cadence]"
                raise ConfigError(f"{file}: cadence: {name} is a setting: {place}")


def _explain(error: ValidationError) -> NoReturn:
    """Raises ConfigError for the first thing that is wrong. Names no secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0])
    origin, value = next((origin, given[name]) for origin, given in _sources() if name in given)
    field = Config.model_fields[name]
    where = variable(name) if origin == ENVIRONMENT else f"{origin}: {name}"
    is_shown = name in _SHOWN and "://" not in str(value)
    must_be = cast("dict[str, str]", field.json_schema_extra)["must_be"]
    shown = f"={reprlib.repr(value)}" if is_shown else ""
    is_explained = name in _EXPLAINED and first["type"] == "value_error"
    reason = f": {first['msg'].removeprefix('Value error, ')[:300]}" if is_explained else ""
    raise ConfigError(f"{where}{shown} must be {must_be}{reason}") from None


def markdown_table() -> str:
    """Returns the table of all settings in docs/settings.md."""
    lines = ["| variable | default | means |", "|---|---|---|"]
    for name, field in Config.model_fields.items():
        shown = cast("dict[str, str]", field.json_schema_extra)["shown"]
        lines.append(f"| `{variable(name)}` | {shown} | {field.description} |")
    return "\n".join(lines)
