import logging
import resource
from collections.abc import Iterator
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cli.logs import JsonLineFormatter, OneLineFormatter
from crawler.config.config import ConfigError, load_config
from storage import open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.errors import BadUrl, StorageError
from storage.guard import secrets
from storage.guard.secrets import (
    SecretFilter,
    conceal,
    remember_address,
    remember_secrets,
    show_address,
)

pytestmark = pytest.mark.threats("S13")


@pytest.fixture(autouse=True)
def _nothing_is_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_known", secrets.KnownSecrets())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://nk:planted@db.example:5432/news", "postgresql://db.example:5432/news"),
        ("postgresql://nk:planted@[::1]:5432/news", "postgresql://[::1]:5432/news"),
        ("postgresql+psycopg://nk:p%40planted@h/news", "postgresql+psycopg://h/news"),
        ("postgresql://h/news?password=planted&sslpassword=planted", "postgresql://h/news"),
        ("postgresql:///news?passfile=/planted", "postgresql:///news"),
        ("postgresql://nk:a@planted@h/news", "postgresql://…"),
        ("postgresql://nk:a/planted@h/news", "postgresql://…"),
        ("postgresql://nk:a?planted@h/news", "postgresql://…"),
        ("postgresql://nk:a#planted@h/news", "postgresql://…"),
        ("postgresql://nk:[planted@h/news", "postgresql://…"),
        ("postgresql://nk:planted@h1:1,h2:2/news", "postgresql://…"),
        ("postgresql://nk:pl anted@h/news", "postgresql://…"),
        ("host=h password=planted dbname=news", "an address that cannot be read"),
        ("https://hooks.example/T0/planted", "https://hooks.example/…"),
        ("https://planted@hooks.example", "https://hooks.example"),
        ("https://hooks.example?key=planted", "https://hooks.example"),
        ("https://hooks.example/x#planted", "https://hooks.example/…"),
        ("https://[::1/planted", "https://…"),
        ("https:/hooks.example/planted", "an address that cannot be read"),
        ("//hooks.example/planted", "an address that cannot be read"),
        ("smtp://nk:planted@mail.example:587", "smtp://mail.example:587"),
        ("http://proxy:planted@10.0.0.1:3128", "http://10.0.0.1:3128"),
        ("s3://planted:planted@bucket/planted", "s3://bucket/…"),
        ("planted", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_as_far_as_it_can_be_read_surely(address: str, shown: str) -> None:
    assert show_address(address) == shown


PASSWORDS = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=6, max_size=40)


@given(PASSWORDS)
def test_no_spelling_of_a_password_is_shown(password: str) -> None:
    for address in (
        f"postgresql://nk:{password}@db.example/news",
        f"https://u:{password}@db.example/news",
        f"postgresql://db.example/news?password={password}",
        f"https://db.example/{password}",
        f"https://{password}@db.example",
        f"postgresql://nk:{password}",
    ):
        shown = show_address(address)
        allowed = "postgresql://db.example/news https://db.example/… an address that cannot be read"
        assert password not in shown or password in allowed


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nk:a@planted@h/news",
        "postgresql://nk:planted@secret:1@h/news",
        "postgresql://nk@planted/x@h/news",
        "postgresql://nk:[planted@[x@h/news",
        "host=h password=planted",
        "postgresql://nk:planted@h:12planted/news",
        "mysql://nk:planted@h/news",
        "postgresql+asyncpg://nk:planted@h/news",
        "postgresql+psycopg2://nk:planted@h/news",
        "://planted",
        "",
    ],
)
def test_a_database_url_that_is_refused_is_not_repeated(url: str) -> None:
    with pytest.raises(BadUrl) as told:
        parse_url(url)
    assert "planted" not in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__ or told.value.__context__ is None


@pytest.mark.parametrize("password", ["planted/x", "planted?x", "planted#x", "plan:ted", "plänted"])
def test_what_the_driver_says_has_no_password(password: str) -> None:
    url = f"postgresql://planteduser:{password}@nowhere.invalid:1/news?connect_timeout=2"
    with pytest.raises(StorageError) as told:
        TransactionalEngine(make_engine(parse_url(url), create=False), patience=0).read(
            lambda connection: connection.exec_driver_sql("SELECT 1").close()
        )
    assert password not in str(told.value)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("cannot open https://u:planted@h/x now", "cannot open https://***@h/x now"),
        ("cannot open https://u:pl/anted@h/x", "cannot open https://***@h/x"),
        ("at postgresql://u:pl/an?t#ed@h/x.", "at postgresql://***@h/x."),
        ("<GET https://h/x?api_key=planted&page=2>", "<GET https://h/x?api_key=***&page=2>"),
        ("https://h/x?apikey=planted;x=1", "https://h/x?apikey=***;x=1"),
        ("https://h/x?x_private-key=planted", "https://h/x?x_private-key=***"),
        ("https://h/x?userToken=planted#top", "https://h/x?userToken=***#top"),
        ("https://h/x?author=planted&design=planted", "https://h/x?author=planted&design=planted"),
        ("https://h/x?a=1&Access-Token=planted", "https://h/x?a=1&Access-Token=***"),
        ("invalid dsn: host=h password='plan ted' x", "invalid dsn: host=h password=*** x"),
        ("Authorization: Basic cGxhbnRlZA==", "Authorization: Basic ***"),
        ("https://h/@user/x?keyword=korea", "https://h/@user/x?keyword=korea"),
        ("mail to desk@example.org failed", "mail to desk@example.org failed"),
        ("https://h:8080/a@b", "https://h:8080/a@b"),
    ],
)
def test_a_message_is_shown_without_the_secrets_in_its_addresses(message: str, shown: str) -> None:
    assert conceal(message) == shown


@given(PASSWORDS)
@example("000%00")
def test_a_known_secret_is_masked_in_every_spelling(password: str) -> None:
    from urllib.parse import quote, quote_plus

    remember_secrets(password)
    for spelling in (password, quote(password), quote(password, safe=""), quote_plus(password)):
        assert spelling not in conceal(f"x {spelling} y") or spelling in "x *** y"
    assert (
        repr(password)[1:-1] not in conceal(f"failed: {password!r}") or password in "failed: '***'"
    )


def test_what_is_public_or_very_short_is_not_masked() -> None:
    remember_secrets("nkwire", "postgres", "ab", "")
    remember_secrets("kcna")
    assert conceal("nkwire postgres ab kcnawatch") == "nkwire postgres ab kcnawatch"
    assert conceal("kcna said") == "*** said"


def test_the_tokens_of_a_webhook_are_masked_but_not_its_words() -> None:
    remember_address("https://hooks.example/services/alerts/T0AA11/planted-7")
    assert conceal("hooks.example: no answer to '/services/alerts/T0AA11/planted-7'") == (
        "hooks.example: no answer to '/***'"
    )
    assert (
        conceal("alerts: planted-7 is unknown to services") == "alerts: *** is unknown to services"
    )
    remember_address("https://planteduser@hooks.example/")
    assert conceal("planteduser may not post") == "*** may not post"


def test_the_file_of_a_database_its_name_and_its_user_are_no_secrets() -> None:
    remember_address("sqlite:////srv/corpus/nkwire-data.db")
    remember_address("postgresql://deskuser:planted@db.example/newscorpus?sslmode=require")
    message = "deskuser may not open newscorpus at db.example, /srv/corpus/nkwire-data.db is there"
    assert conceal(message) == message
    assert conceal("planted require") == "*** require"


@pytest.fixture
def logged() -> Iterator[tuple[logging.Logger, StringIO, StringIO]]:
    logger, plain, as_json = logging.getLogger("planting"), StringIO(), StringIO()
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    for stream, formatter in ((plain, OneLineFormatter()), (as_json, JsonLineFormatter())):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handler.addFilter(SecretFilter())
        logger.addHandler(handler)
    yield logger, plain, as_json
    logger.handlers.clear()


def test_no_log_has_a_secret_in_a_message_its_arguments_or_a_traceback(
    logged: tuple[logging.Logger, StringIO, StringIO],
) -> None:
    logger, plain, as_json = logged
    remember_secrets("planted-token")
    logger.debug("sent to %s with %r", "https://h/planted-token", {"key": "planted-token"})
    logger.warning("planted-token %s", "is refused")
    try:
        raise ValueError("postgresql://u:other@h/x refused planted-token")
    except ValueError:
        logger.exception("failed with %s", "planted-token")
    for text in (plain.getvalue(), as_json.getvalue()):
        assert "planted" not in text
        assert "other" not in text
        assert "Traceback" in text


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/T 0/planted",
        "https://hooks.example/T0/plänted",
        "https://hooks.example:port/planted",
        "https://[::1/planted",
        "https://user:pl@nted@hooks.example/",
        "https:///planted",
        "hooks.example/planted",
        "https://hooks.example/planted\x7f",
    ],
)
@pytest.mark.parametrize("name", ["ALERT_WEBHOOK", "SMTP", "DATABASE_URL", "ALERT_MAIL", "RESOLVE"])
def test_a_setting_that_is_no_address_is_not_repeated(
    name: str, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv(f"NKWIRE_{name}", url)
    with pytest.raises(ConfigError) as told:
        load_config()
    assert "nted" not in str(told.value)
    assert f"NKWIRE_{name}" in str(told.value)


def test_a_driver_that_is_not_there_is_one_line() -> None:
    with pytest.raises(BadUrl, match="the driver asyncpg is not supported: leave it out"):
        open_database("postgresql+asyncpg://nk:planted@h/news")


@pytest.mark.threats("S9")
def test_masking_takes_time_in_proportion_to_the_length() -> None:
    pieces = (
        "token_",
        "a_",
        "secret",
        "a.",
        "://",
        "a://",
        "?key=",
        "password=",
        "'password='",
        "\\\\",
        "x@",
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    for piece in pieces:
        conceal("?" + piece * (1_000_000 // len(piece)) + " =@ authorization:")
        show_address(piece * (1_000_000 // len(piece)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 20
