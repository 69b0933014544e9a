"""Reads the invented outlets and articles from the TOML files beside this module. Pure.

A file tells one event. Its articles have a text of their own, or `copy` the text of another article
of the file: all of it or some `lines`, with words replaced and with lines before and after it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_FOLDER = Path(__file__).parent
_OUTLETS_FILE = "outlets.toml"
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_DURATION = re.compile(r"(\d+)([mhd])")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "Jan.",
    "Feb.",
    "March",
    "April",
    "May",
    "June",
    "July",
    "Aug.",
    "Sept.",
    "Oct.",
    "Nov.",
    "Dec.",
]
_ZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedOutlet:
    """An outlet of the demo. `trouble`: how a `share` of its runs failed since `for_days` days."""

    name: str
    title: str
    country: str
    languages: tuple[str, ...]
    every: timedelta
    rank: int = 9
    rights: str = "full"
    precision: str = "minute"
    trouble: str = ""
    for_days: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedVersion:
    """An article's title and text from a time on."""

    at: datetime
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedArticle:
    """An article with its versions, oldest first. `gone_at`: when its page began to answer 404."""

    outlet: str
    key: str
    language: str
    versions: tuple[InventedVersion, ...]
    is_stub: bool = False
    gone_at: datetime | None = None

    @property
    def published_at(self) -> datetime:
        """When the outlet published it."""
        return self.versions[0].at


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedDecision:
    """What a person decided about two articles, given by their keys."""

    verb: str
    articles: tuple[str, str]
    note: str


@cache
def invented_outlets() -> Mapping[str, InventedOutlet]:
    """Returns the outlets by name."""
    return {
        name: InventedOutlet(
            name=name,
            **declared
            | {
                "every": timedelta(minutes=declared["every"]),
                "languages": tuple(declared["languages"]),
            },
        )
        for name, declared in _read(_OUTLETS_FILE).items()
    }


def invented_articles(now: datetime) -> list[InventedArticle]:
    """Returns all articles by their time; what would come after `now` is left out."""
    articles = [each for event in _events() for each in _event_articles(event, now)]
    return sorted(articles, key=lambda each: (each.published_at, each.key))


def invented_decisions() -> list[InventedDecision]:
    """Returns the decisions."""
    return [
        InventedDecision(
            verb=each["verb"],
            articles=tuple(f"{event['name']}-{ident}" for ident in each["articles"]),  # type: ignore[arg-type]
            note=each["note"],
        )
        for event in _events()
        for each in event.get("decision", ())
    ]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _events() -> Iterator[dict[str, Any]]:
    for path in sorted(_FOLDER.glob("*.toml")):
        if path.name != _OUTLETS_FILE:
            yield {"name": path.stem, **_read(path.name)}


def _event_articles(event: Mapping[str, Any], now: datetime) -> Iterator[InventedArticle]:
    hour = now.astimezone(UTC).replace(minute=event["minute"], second=0, microsecond=0)
    begins_at = hour - timedelta(hours=event["hours_ago"])
    texts: dict[str, list[str]] = {}
    for number, declared in enumerate(event["article"], start=1):
        at = begins_at + _duration(declared.get("after", "0m"))
        words = _day_words(at)
        lines = _lines(declared, texts, words)
        ident = declared.get("id", str(number))
        texts[ident] = lines
        versions = list(_versions(declared, at, lines, now))
        if not versions:
            continue
        gone_at = at + _duration(declared["gone_after"]) if "gone_after" in declared else None
        yield InventedArticle(
            outlet=declared["outlet"],
            key=f"{event['name']}-{ident}",
            language=_language(declared, lines),
            versions=tuple(versions),
            is_stub=declared.get("stub", False),
            gone_at=gone_at,
        )


def _lines(
    declared: Mapping[str, Any], texts: Mapping[str, list[str]], words: Mapping[str, str]
) -> list[str]:
    if "text" in declared:
        return [line.format_map(words) for line in declared["text"].strip().splitlines()]
    source = texts[declared["copy"]]
    lines = [source[i] for i in declared.get("lines", range(len(source)))]
    text = "\n".join(lines)
    for old, new in declared.get("replace", ()):
        text = text.replace(old.format_map(words), new)
    around = (declared.get("first", ""), text, declared.get("last", ""))
    return [line.format_map(words) for each in around if each for line in each.splitlines()]


def _versions(
    declared: Mapping[str, Any], at: datetime, lines: Sequence[str], now: datetime
) -> Iterator[InventedVersion]:
    title, text = declared["title"], "\n".join(lines)
    if at < now:
        yield InventedVersion(at=at, title=title, text=text)
    for edit in declared.get("edit", ()):
        edited_at = at + _duration(edit["after"])
        title = edit.get("title", title)
        for old, new in edit.get("replace", ()):
            if old not in text:
                raise ValueError(f"{declared['title']}: {old!r} is not in the text")
            text = text.replace(old, new)
        if edited_at < now:
            yield InventedVersion(at=edited_at, title=title, text=text)


def _language(declared: Mapping[str, Any], lines: Sequence[str]) -> str:
    languages = invented_outlets()[declared["outlet"]].languages
    if len(languages) == 1:
        return languages[0]
    return "ko" if re.search("[가-힣]", lines[0]) else "en"


def _day_words(at: datetime) -> dict[str, str]:
    zone: tzinfo = ZoneInfo(_ZONE)
    day = at.astimezone(zone)
    return {"d": str(day.day), "month": _MONTHS[day.month - 1], "weekday": _WEEKDAYS[day.weekday()]}


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration: write 30m, 4h or 2d")
    return int(found[1]) * _UNITS[found[2]]
