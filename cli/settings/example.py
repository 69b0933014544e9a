"""Writes an example of the file of settings, with a comment for each."""

import re
import textwrap
from collections.abc import Mapping

from crawler.config.config import Config

TABLE = "cadence"  # the only table, so it stands last
_LINK = re.compile(r"\[([^\[\]]{1,100})\]\([^()]{1,100}\)")
_WIDTH = 96
EXAMPLES: Mapping[str, object] = {
    "home": "data",
    "archive": "s3://corpus/warc",
    "database_url": "postgresql://nkwire@localhost/nkwire",
    "dedup_seed": 20260301,
    "contact": "you@example.org",
    "outlets": ("kcna", "wires", "language:ko"),
    "outlets_except": ("naver",),
    "outlets_folder": "my_outlets",
    "cadence": (("all", "2h"), ("wires", "30m"), ("rodong", "5 0,6,12 * * *")),
    "chromium": "chromium",
    "log_level": "INFO",
    "log_format": "console",
    "alert_webhook": "https://hooks.example.org/nkwire",
    "alert_mail": ("you@example.org",),
    "alert_from": "nkwire@example.org",
    "smtp": "smtp://localhost",
    "alert_command": ("notify-send", "nkwire"),
    "monitor_hosts": ("nkwire:9464",),
    "keep_log_days": 30,
    "keep_warc_days": 365,
    "keep_free_mb": 2048,
    "allow_addresses": ("10.0.0.0/8",),
    "resolve": ("mirror.example.org=10.0.0.5:80",),
    "kernel": "auto",
    "web_token": "put-what-openssl-rand-hex-32-prints-here",
}
"""A right value of each setting, which is not its default."""
HEAD = """\
# The settings of nkwire. Save this as nkwire.toml in the folder in which you call nkwire, or name the
# file: nkwire --config FILE, or NKWIRE_CONFIG=FILE. Remove the # before what you want to set.
# A variable of the environment goes before this file: NKWIRE_CONTACT before contact.
# `nkwire config` shows the settings in force.
"""


def example_file(values: Mapping[str, object] | None = None) -> str:
    """Returns a file of settings: those of `values` are set, all others are examples in comments."""
    given = values or {}
    names = [name for name in EXAMPLES if name != TABLE]
    blocks = [_block(name, _line(name, given.get(name, EXAMPLES[name])), given) for name in names]
    pairs = dict(given.get(TABLE) or EXAMPLES[TABLE])  # type: ignore[call-overload]
    lines = [_line(name, when) for name, when in pairs.items()]
    blocks.append(_block(TABLE, "\n".join((f"[{TABLE}]", *lines)), given))
    return "\n".join((HEAD, *blocks))


def _block(name: str, text: str, given: Mapping[str, object]) -> str:
    description = _LINK.sub(r"\1", Config.model_fields[name].description or "").replace("`", "")
    comment = "\n".join(f"# {line}" for line in textwrap.wrap(description, _WIDTH))
    if name not in given:
        text = "\n".join(f"#{line}" for line in text.splitlines())
    return f"{comment}\n{text}\n"


def _line(name: str, value: object) -> str:
    return f"{_key(name)} = {_literal(value)}"


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if is_bare else _literal(name)


def _literal(value: object) -> str:
    """Returns a value as TOML: a whole number, a text, or a list of texts."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
