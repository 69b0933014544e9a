"""What a check finds, and what a check gets."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.config.config import Config
    from crawler.outlet import Outlet


class Status(StrEnum):
    """How good a finding is. A problem stops nkwire from working; a warning does not."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the checklist. `advice`: what to do, "" if nothing."""

    check: str
    status: Status
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the checks look at: the settings, the URL of the database, the outlets that are read."""

    config: "Config"
    database_url: str = field(repr=False)
    outlets: "Mapping[str, type[Outlet]]"


def ok(check: str, detail: str) -> Finding:
    """Returns a finding with which all is well."""
    return Finding(check, Status.OK, detail)


def warning(check: str, detail: str, advice: str) -> Finding:
    """Returns a finding that does not stop nkwire."""
    return Finding(check, Status.WARNING, detail, advice)


def problem(check: str, detail: str, advice: str) -> Finding:
    """Returns a finding that stops nkwire, or a part of it."""
    return Finding(check, Status.PROBLEM, detail, advice)
