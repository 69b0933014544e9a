"""Settings come from the environment and from a file, and a wrong one is said in one line."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from crawler.config.config import Config, ConfigError, load_config, markdown_table, variable
from dedup.errors import NkwireError
from storage.database import DEFAULT_URL
from storage.guard.secrets import conceal

ROOT = Path(__file__).parents[3]
NAMES = list(Config.model_fields)
SECRETS = ["database_url", "alert_webhook", "smtp", "web_token"]
SHOWN = [
    "home",
    "outlets_folder",
    "chromium",
    "log_level",
    "log_format",
    "keep_log_days",
    "keep_warc_days",
    "kernel",
]

# A right value of each setting as the environment has it, as the file has it, and what it means.
RIGHT: dict[str, tuple[str, str, object]] = {
    "home": ("there", '"there"', Path("there")),
    "archive": ("s3://corpus/warc/", '"s3://corpus/warc/"', "s3://corpus/warc"),
    "database_url": ("sqlite:///a.db", '"sqlite:///a.db"', SecretStr("sqlite:///a.db")),
    "dedup_seed": ("7", "7", 7),
    "contact": ("you@example.org", '"you@example.org"', "you@example.org"),
    "outlets": ("kcna, language:ko", '["kcna", "language:ko"]', ("kcna", "language:ko")),
    "outlets_except": ("naver", '["naver"]', ("naver",)),
    "outlets_folder": ("mine", '"mine"', Path("mine")),
    "cadence": ("a=15m; all=5 0,6 * * *", '{a = "15m", all = "5 0,6 * * *"}', (("a", "15m"), ("all", "5 0,6 * * *"))),
    "chromium": ("chromium", '"chromium"', "chromium"),
    "log_level": ("ERROR", '"ERROR"', "ERROR"),
    "log_format": ("json", '"json"', "json"),
    "alert_webhook": ("https://h.example/x", '"https://h.example/x"', SecretStr("https://h.example/x")),
    "alert_mail": ("a@b.c, d@e.f", '["a@b.c", "d@e.f"]', ("a@b.c", "d@e.f")),
    "alert_from": ("a@b.c", '"a@b.c"', "a@b.c"),
    "smtp": ("smtps://u:p@m.example", '"smtps://u:p@m.example"', SecretStr("smtps://u:p@m.example")),
    "alert_command": ("page 'two words'", '["page", "two words"]', ("page", "two words")),
    "monitor_hosts": ("a:9464, [::1]", '["a:9464", "[::1]"]', ("a:9464", "[::1]")),
    "keep_log_days": ("9", "9", 9),
    "keep_warc_days": ("365", '"365"', 365),
    "keep_free_mb": ("2048", "2048", 2048),
    "allow_addresses": ("127.0.0.0/8,::1", '["127.0.0.0/8", "::1"]', ("127.0.0.0/8", "::1")),
    "resolve": ("a.b=[::1]:80,", '"a.b=[::1]:80"', ("a.b=[::1]:80",)),
    "kernel": ("0", "0", "0"),
    "web_token": ("Az09-_" * 6, f'"{"Az09-_" * 6}"', SecretStr("Az09-_" * 6)),
}  # fmt: skip
WRONG: dict[str, list[str]] = {
    "monitor_hosts": ["http://a", "a b", "a:port", "a/b", "a:123456"],
    "database_url": ["mysql://secret@host/x", "secret", "sqlite://", "postgresql://h:secret/x"],
    "dedup_seed": ["secret", "-1", "1.5", "9223372036854775808", "1_0"],
    "contact": ["secret\nX: y"],
    "outlets": ["kcna yonhap", "kcna;yonhap", "조선"],
    "outlets_except": ["a/b"],
    "cadence": [
        "yonhap",
        "yonhap=",
        "=15m",
        "yonhap=soon",
        "a b=15m",
        "yonhap=61 * * * *",
        "all=1s",
    ],
    "chromium": ["secret\x1b[2J"],
    "log_level": ["loud", "info"],
    "log_format": ["xml"],
    "alert_webhook": ["ftp://secret", "https://", "http://secret:99999/", "secret"],
    "alert_mail": ["nobody", "a@b c"],
    "alert_from": ["a@b\r\nBcc: c@d", "nobody", "a@b.c, d@e.f"],
    "smtp": ["http://secret", "smtp://user:secret@", "secret"],
    "alert_command": ["page 'unclosed"],
    "keep_log_days": ["0", "-3", "soon", "1.5", "100000"],
    "keep_warc_days": ["0", "for ever"],
    "keep_free_mb": ["-1", "1.5", "much", "1073741825"],
    "allow_addresses": ["127.0.0.0/99", "localhost"],
    "resolve": [
        "kcna.kp",
        "a.b=127.0.0.1",
        "=1.2.3.4:80",
        "a.b=1.2.3.4:999999",
        "a.b=1.2.3.4:²",
        "a.b=x y:80",
    ],
    "kernel": ["2", "never"],
    "home": ["S3:/bucket/home"],
    "outlets_folder": ["gs:/bucket/mine"],
    "archive": ["secret", "s3://", "s3://key:secret@corpus", "https://secret", "s3:///secret"],
    "web_token": ["secret", "secret" * 6 + " x", "secret" * 50],
}


@pytest.fixture(autouse=True)
def _in_a_folder_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [*NAMES, "config"]:
        monkeypatch.delenv(variable(name), raising=False)


def test_the_tables_of_this_test_name_every_setting() -> None:
    assert list(RIGHT) == NAMES
    assert set(NAMES) == set(WRONG)


def test_the_default_database_is_that_of_the_library() -> None:
    assert load_config().resolved_database_url() == DEFAULT_URL


@pytest.mark.parametrize("name", NAMES)
def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_environment, in_file, meant = RIGHT[name]
    default = load_config()
    assert default.origins()[name] == "default"
    Path("nkwire.toml").write_text(f"{name} = {in_file}\n")
    by_file = load_config()
    assert (getattr(by_file, name), by_file.origins()[name]) == (meant, "nkwire.toml")
    monkeypatch.setenv(variable(name), "")
    assert load_config() == by_file
    Path("nkwire.toml").write_text(f"{name} = {{}}\n")  # what the environment hides is not read
    monkeypatch.setenv(variable(name), in_environment)
    by_environment = load_config()
    assert (getattr(by_environment, name), by_environment.origins()[name]) == (meant, "environment")
    others = set(NAMES) - {name}
    assert all(getattr(by_environment, each) == getattr(default, each) for each in others)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_told_with_its_place_and_what_is_allowed(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("nkwire.toml").write_text(f"{name} = {RIGHT[name][1]}\n")
    monkeypatch.setenv(variable(name), value)
    shown = f"={value!r}" if name in SHOWN else ""
    with pytest.raises(ConfigError) as told:
        load_config()
    assert str(told.value).startswith(f"{variable(name)}{shown} must be ")
    assert_is_one_line_without_secrets(told.value, name)
    monkeypatch.delenv(variable(name))
    escaped = "".join(f"\\u{ord(character):04x}" for character in value)
    Path("nkwire.toml").write_text(f'{name} = "{escaped}"\n')
    with pytest.raises(ConfigError) as told:
        load_config()
    assert str(told.value).startswith(f"nkwire.toml: {name}{shown} must be ")
    assert_is_one_line_without_secrets(told.value, name)


def assert_is_one_line_without_secrets(error: ConfigError, name: str) -> None:
    assert isinstance(error, NkwireError)
    assert error.exit_code == 2
    assert "\n" not in str(error)
    assert name not in SECRETS or "secret" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize("value", ["true", "{}", "[[1]]", "1979-05-27", "1.5", '{a = "b"}'])
@pytest.mark.parametrize("name", NAMES)
def test_a_value_of_another_type_is_told_too(name: str, value: str) -> None:
    if (name, value) == ("cadence", "{}"):
        return  # a table, with nothing in it yet
    Path("nkwire.toml").write_text(f"{name} = {value}\n")
    with pytest.raises(ConfigError, match=f"^nkwire.toml: {name}.* must be "):
        load_config()


@given(
    name=st.sampled_from(NAMES),
    value=st.text(st.characters(exclude_characters="\0", codec="utf-8")),
)
def test_any_text_is_a_setting_or_told_in_one_line(name: str, value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable(name), value)
        message = message_of_loading()
    assert message == "" or re.fullmatch(f"{variable(name)}(=.*)? must be .*", message)


@pytest.mark.parametrize("name", NAMES)
def test_the_mask_of_passwords_leaves_what_a_value_must_be(name: str) -> None:
    extra = Config.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    assert conceal(str(extra["must_be"])) == extra["must_be"]


@pytest.mark.parametrize("value", ["fast", "5"])
def test_a_cadence_that_is_no_table_shows_a_line_of_one(value: str) -> None:
    Path("nkwire.toml").write_text(f"cadence = {value if value == '5' else repr(value)}\n")
    with pytest.raises(ConfigError, match=r"\[cadence\], and below it lines .* yonhap = \"15m\""):
        load_config()


def message_of_loading() -> str:
    """What is wrong with the settings; "" if nothing is."""
    try:
        load_config()
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("keep_warc_day = 3", "there is no setting 'keep_warc_day': did you mean 'keep_warc_days'?"),
        ("NKWIRE_HOME = 'x'", "there is no setting 'NKWIRE_HOME': did you mean 'home'?"),
        ("[alerts]\nwebhook = 'x'", "there is no setting 'alerts'"),
        ("qqq = 1", "there is no setting 'qqq': see docs/settings.md"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_with_the_one_that_is_like_it(key: str, told: str) -> None:
    Path("nkwire.toml").write_text(key)
    with pytest.raises(ConfigError) as error:
        load_config()
    assert str(error.value).startswith(f"nkwire.toml: {told}")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"smtp = smtp://user:secret@host", "nkwire.toml is no TOML: .*line 1"),
        (b"contact = 'a'\ncontact = 'secret'", "nkwire.toml is no TOML: Cannot overwrite"),
        (b"keep_log_days = " + b"9" * 5000, "nkwire.toml is no TOML: "),
        (b'alert_command = "a\\u0000b"', "nkwire.toml: alert_command must be a program"),
        (b'alert_command = ["a", "\\u0000b"]', "nkwire.toml: alert_command must be a program"),
        (b'home = "a\\u0000b"', "nkwire.toml: home=.* must be the path of a folder"),
        (b'database_url = "sqlite:///a\\u0000b"', "nkwire.toml: database_url must be sqlite"),
        (b"contact = '\xff'", "nkwire.toml is no TOML: not UTF-8"),
        (b"contact = " + b"[" * 15_000, "nkwire.toml is no TOML for settings: too deeply nested"),
        (
            b"\xef\xbb\xbfcontact = 'a'",
            "it begins with a byte order mark: save it as UTF-8 without",
        ),
        (b"[cadence]\noutlets = '30m'", "cadence: outlets is a setting: it must stand above the"),
        (b"[cadence]\nhome = 'data'", "cadence: home is a setting: it must stand above the"),
        (b"outlets = ','", "nkwire.toml: outlets must be .*: nothing between the commas"),
        (b"smtp = ''", "nkwire.toml: smtp must be smtp"),
        (b"contact = ['" + b"x" * 10_000 + b"']", "^.{,200}must be one line of text$"),
    ],
)
def test_a_broken_file_is_told_with_the_line(content: bytes, told: str) -> None:
    Path("nkwire.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=told) as error:
        load_config()
    assert "secret" not in str(error.value)


def test_commas_alone_choose_nothing_and_not_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NKWIRE_OUTLETS", " , ,")
    assert message_of_loading().startswith("NKWIRE_OUTLETS must be names and groups of outlets")


def test_a_link_that_leads_nowhere_is_told() -> None:
    Path("nkwire.toml").symlink_to("gone.toml")
    with pytest.raises(ConfigError, match=r"nkwire.toml must be a file of settings"):
        load_config()


def test_a_folder_with_the_name_of_the_file_is_told() -> None:
    Path("nkwire.toml").mkdir()
    with pytest.raises(ConfigError, match=r"nkwire\.toml must be a file of settings"):
        load_config()


def test_a_variable_names_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("nkwire.toml").write_text("contact = 'not read'")
    Path("other.toml").write_text("contact = 'read'")
    monkeypatch.setenv("NKWIRE_CONFIG", "other.toml")
    config = load_config()
    assert (config.contact, config.origins()["contact"]) == ("read", "other.toml")
    monkeypatch.setenv("NKWIRE_CONFIG", "missing.toml")
    with pytest.raises(ConfigError, match=r"NKWIRE_CONFIG='missing.toml' must be"):
        load_config()


def test_a_file_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NKWIRE_CONFIG", "/proc/self/mem")  # a file; reading its start fails
    with pytest.raises(ConfigError, match=r"/proc/self/mem cannot be read: "):
        load_config()


@pytest.mark.threats("S13")
def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", "postgresql://u:hidden@h/x")
    monkeypatch.setenv("NKWIRE_ALERT_WEBHOOK", "https://h.example/hidden")
    monkeypatch.setenv("NKWIRE_SMTP", "smtp://u:hidden@h")
    config = load_config()
    assert "hidden" not in f"{config!r} {config} {config.model_dump()}"
    assert [name for name in NAMES if isinstance(getattr(config, name), SecretStr)] == SECRETS
    assert config.resolved_database_url() == "postgresql://u:hidden@h/x"
    assert config.resolved_database_url("sqlite:///x.db") == "sqlite:///x.db"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        setattr(load_config(), "home", Path("elsewhere"))  # noqa: B010 - mypy knows it is frozen


def test_the_manual_has_the_table_of_the_settings() -> None:
    manual = (ROOT / "docs" / "settings.md").read_text()
    (table,) = re.findall(r"^\| variable \|.*?(?=\n\n)", manual, re.DOTALL | re.MULTILINE)
    assert table == markdown_table()
