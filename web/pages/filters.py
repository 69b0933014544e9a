"""Declares the parameters that several pages have, and reads them for storage."""

from datetime import UTC, date, datetime, time, timedelta

from web.labels import LEVELS
from web.page import Query
from web.parameters import Parameter, ParameterKind

OUTLET = Parameter(name="outlet", description="Only articles of this outlet.")
LANGUAGE = Parameter(name="language", description="Only articles in this language: ko, en ...")
CITES = Parameter(name="cites", description="Only articles that cite this agency: kcna, yonhap ...")
LEVEL = Parameter(
    name="level",
    kind=ParameterKind.CHOICE,
    description="Only statements of North Korea of this level: who speaks.",
    choices=tuple(map(str, LEVELS)),
)
SINCE = Parameter(name="since", kind=ParameterKind.DAY, description="Only this day (UTC) or later.")
UNTIL = Parameter(
    name="until", kind=ParameterKind.DAY, description="Only this day (UTC) or earlier."
)
COPIES = Parameter(
    name="copies",
    kind=ParameterKind.FLAG,
    description="1: a row for each article, not for each story.",
    default=False,
)
BEFORE = Parameter(
    name="before",
    kind=ParameterKind.POSITION,
    description="Only rows below this place in the list, as the field next gives it.",
)
AFTER = Parameter(
    name="after",
    kind=ParameterKind.POSITION,
    description="Only rows above this place in the list, as the field previous gives it.",
)
PAGE_NUMBER = Parameter(
    name="page",
    kind=ParameterKind.INTEGER,
    description="The page of rows, from 1.",
    default=1,
    minimum=1,
)


def start_of_day(day: date) -> datetime:
    """Returns the first moment of a day, in UTC."""
    return datetime.combine(day, time.min, UTC)


def read_days(query: Query) -> tuple[datetime | None, datetime | None]:
    """Returns the start of the day `since` and the end of the day `until`; None: any."""
    since, until = query["since"], query["until"]
    return (
        start_of_day(since) if since else None,
        start_of_day(until + timedelta(days=1)) if until else None,
    )


def read_levels(query: Query) -> list[str] | None:
    """Returns the statement levels to which `level` limits; None: any."""
    return [query["level"]] if query["level"] else None
