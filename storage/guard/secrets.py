"""Shows addresses without their secrets, and masks secrets in messages. Every output uses it.

An address is shown only as far as it can be read surely. `conceal` is the second ring, for the
messages of drivers and libraries, which repeat what they were given.
"""

import logging
import re
import threading
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MASK = "***"
_MIN_CHARS_ANYWHERE = 6  # a shorter secret is masked only where it stands alone
_PUBLIC_WORDS = frozenset(("", "nkwire", "postgres", "postgresql", "sqlite", "localhost", "true"))

_SECRET_VARIABLES = (
    *("PGPASSWORD", "PGPASSFILE"),
    *("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_STORAGE_ACCOUNT_KEY"),
)

# An address that can be read in one way only: what follows the host cannot belong to a password.
_SURE_ADDRESS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,29})://(?:[^\s/?#@\[\]]*@)?"
    r"(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\])?(?P<port>:\d{1,5})?(?P<name>/[\w.-]*)?(?:[?#/][^@]*)?",
    re.ASCII,
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,29})://")
_FILE_ADDRESS = re.compile(r"sqlite(?:\+\w{1,20})?:")
_PATH_SAYS_NO_SECRET = ("postgresql", "postgres")  # the path is the name of the database

# Parameters of libpq whose values may be shown (PostgreSQL manual, 34.1.2); all others may not.
_PLAIN_PARAMETERS = frozenset(
    [
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "dbname",
        "gssencmode",
        "host",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "port",
        "requirepeer",
        "sslmode",
        "target_session_attrs",
        "tcp_user_timeout",
        "user",
    ]
)
# Bounded, so that the time is linear in the length of any text.
_PARAMETER = re.compile(r"(?<=[?&;])([\w.-]{1,100})=[^\s&;#\"'<>]+")
_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:(?:api|access|private)?key|auth|credentials?|sig|signature|hmac|pwd)$"
    r"|(?:token|secret|password|passwd|passphrase|passfile)$",
    re.IGNORECASE,
)
_SECRET_FIELD = re.compile(
    r"\b((?:ssl)?passw(?:or)?d|passfile|pwd)(\s{0,9}=\s{0,9})('(?:[^'\\]|\\.)*'|\"[^\"]*\"|[^\s'\"&;,)]+)",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(
    r"(authorization['\"]?\s?[:=]\s?\[?b?['\"]?(?:\w+ )?)[^\s'\"]+", re.IGNORECASE
)


class KnownSecrets:
    """The secrets that this process knows, in the forms in which a message may repeat them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        with self._lock:
            if forms <= self._forms:
                return
            self._forms |= forms
            # The longest first: one secret may be the beginning of another.
            ordered = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_as_pattern, ordered)))

    def mask(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text


_known = KnownSecrets()


def remember_secrets(*secrets: str) -> None:
    """Lets `conceal` mask these texts from now on, also percent-coded and as `repr` writes them."""
    _known.add(secrets)


def remember_address(address: str) -> None:
    """Lets `conceal` mask what is secret in an address: userinfo, parameters, tokens in its path.

    Of a database the path is its name, and no secret; so is the path of a file. An address that
    cannot be read surely is a secret as a whole, and so are its parts.
    """
    if "://" not in address or _FILE_ADDRESS.match(address):
        return
    sure = _SURE_ADDRESS.fullmatch(address)
    try:
        parts = urlsplit(address)
        parameters = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        sure, parameters = None, []
    secrets = [address, *_userinfo(address)]
    secrets += [value for name, value in parameters if name.lower() not in _PLAIN_PARAMETERS]
    if sure is None:
        remember_secrets(*secrets, *re.split(r"[/?#@\s]", address.partition("://")[2]))
        return
    plain = {sure["host"]}
    if sure["scheme"].partition("+")[0] in _PATH_SAYS_NO_SECRET:
        plain |= {parts.username, parts.path.strip("/")}
    else:
        secrets += [parts.query, parts.path.strip("/")]
        secrets += filter(_is_like_a_token, parts.path.split("/"))
    remember_secrets(*(each for each in secrets if each not in plain))


def _is_like_a_token(word: str) -> bool:
    """Whether a part of a path is a token, and no word such as `services` or `alerts`."""
    return len(word) >= 16 or (len(word) >= 6 and not word.isalpha())


def remember_environment(environment: Mapping[str, str]) -> None:
    """Remembers the secrets that libpq, proxies and object storage have in the environment."""
    remember_secrets(*(environment.get(name, "") for name in _SECRET_VARIABLES))
    for name, value in environment.items():
        if name.lower().endswith("_proxy"):
            remember_secrets(*_userinfo(value))


def show_address(address: str) -> str:
    """Returns an address for people: scheme, host and port, and the name of a database.

    Never userinfo, parameters, or the path of a webhook, which is often its token. What cannot be
    read surely ends after the scheme.
    """
    found = _SURE_ADDRESS.fullmatch(address)
    if found is None:
        scheme = _SCHEME.match(address)
        return f"{scheme[0]}…" if scheme else "an address that cannot be read"
    shown = f"{found['scheme']}://{found['host'] or ''}{found['port'] or ''}"
    if found["scheme"].partition("+")[0] in _PATH_SAYS_NO_SECRET:
        return shown + (found["name"] or "")
    return shown if (found["name"] or "/") == "/" else f"{shown}/…"


def is_sure_address(address: str) -> bool:
    """Whether an address can be read in one way only, so that no driver shows a part of a password.

    A password with `@ / ? #` or a space must be percent-coded (RFC 3986, section 3.2.1).
    """
    return _SURE_ADDRESS.fullmatch(address) is not None


def conceal(text: str) -> str:
    """Returns a message without its secrets: known ones, userinfo, passwords, secret parameters."""
    text = _known.mask(text)
    if "://" in text and "@" in text:
        text = "".join(map(_without_userinfo, re.split(r"(\s+)", text)))
    if "=" in text:
        text = _PARAMETER.sub(_mask_parameter, text)
        text = _SECRET_FIELD.sub(rf"\1\2{MASK}", text)
    return _AUTHORIZATION.sub(rf"\1{MASK}", text) if "uthorization" in text else text


class SecretFilter(logging.Filter):
    """Masks the secrets in each record of a handler, in its traceback too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Returns True; the record has no secrets any more."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = f"{record.msg} {record.args}"
        concealed = conceal(message)
        if concealed != message:
            record.msg, record.args = concealed, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = conceal(logging.Formatter().formatException(record.exc_info))
        return True


def mask_logs() -> None:
    """Adds a SecretFilter to each handler of the root logger that has none."""
    for handler in logging.root.handlers:
        if not any(isinstance(each, SecretFilter) for each in handler.filters):
            handler.addFilter(SecretFilter())


def _mask_parameter(found: re.Match[str]) -> str:
    return f"{found[1]}={MASK}" if _SECRET_NAME.search(found[1]) else found[0]


def _forms(secret: str) -> set[str]:
    if secret.lower() in _PUBLIC_WORDS or len(secret) < 3:
        return set()
    plain = unquote(secret)
    # A secret with a percent sign may be percent-coded already, or not yet.
    spellings = {secret, plain}
    for each in (secret, plain):
        spellings |= {quote(each), quote_plus(each), quote(each, safe="")}
        spellings.add(quote(each, safe="/:@!$&'()*+,;="))
    return spellings | {repr(each)[1:-1] for each in spellings} | {ascii(plain)[1:-1]}


def _as_pattern(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= _MIN_CHARS_ANYWHERE else rf"(?<!\w){escaped}(?!\w)"


def _userinfo(address: str) -> list[str]:
    """Returns what stands before the last `@`, and the password in it."""
    userinfo, at, _ = address.partition("://")[2].rpartition("@")
    if not at:
        return []
    user, _, password = userinfo.partition(":")
    alone = [] if password else [user]  # such as a token as the name of the user
    return [password, *alone, *re.split(r"[/?#@]", password)]


def _without_userinfo(word: str) -> str:
    """Masks the userinfo of the addresses in a word."""
    first, *rest = word.split("://")
    shown = [first]
    scheme = first
    for part in rest:
        shown.append(_mask_userinfo(scheme, part))
        scheme = part
    return "://".join(shown)


def _mask_userinfo(scheme: str, part: str) -> str:
    authority = re.split(r"[/?#]", part, maxsplit=1)[0]
    is_web = scheme.lower().endswith(("http", "https"))
    _, colon, port = authority.rpartition(":")
    is_port = not colon or port.rstrip("\"'>),.").isdecimal() or authority.endswith("]")
    # In the path of a web page an "@" is common; elsewhere it ends a password that has a slash.
    end = authority.rfind("@") if is_web and ("@" in authority or is_port) else part.rfind("@")
    return f"{MASK}{part[end:]}" if end >= 0 else part
