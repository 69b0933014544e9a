"""The last steps of an engine as functions of Arrow batches: from stories to reports."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa

from cli.engines.arrow_rows import Batches, Row, iter_rows, to_batches
from cli.engines.comparing_rows import EMPTY, REPORT, RESULTS, relation_result
from dedup.attribution.citation import CarrierGrade
from dedup.bulk import steps
from dedup.bulk.flat_rows import DOCUMENTS, pack_row, unpack_row
from dedup.lead import Seniority
from dedup.records import Document, Story
from dedup.reports.cues import decode_cues, encode_cues
from dedup.reports.days import OPEN_DAYS, chronological_key, report_day
from dedup.reports.reports import CarrierStory

SINGLES = pa.schema(
    [("id", pa.int64()), ("grade", pa.int32()), ("name", pa.binary()), ("document", pa.binary())]
)
"""An article that may carry a report."""

CARRIERS = pa.schema(
    [
        ("period", pa.int64()),
        ("moment", pa.float64()),
        ("rank", pa.int32()),
        ("uid", pa.binary()),
        ("cues", pa.binary()),
        ("lead", pa.int64()),
        ("seniority", pa.binary()),
        ("members", pa.binary()),
        ("member_names", pa.list_(pa.binary())),
    ]
)
"""A story that carries a report. No report lasts from one `period` into another."""


def find_periods(days: Iterable[int]) -> list[int]:
    """Returns the first day of each period.

    `days`: the days of carriers (`datetime.date.toordinal`). After a gap of more than
    `dedup.reports.days.OPEN_DAYS` days without any, no report can go on.
    """
    starts: list[int] = []
    last = 0
    for day in sorted(days):
        if not starts or day - last > OPEN_DAYS:
            starts.append(day)
        last = day
    return starts


def describe_singles(periods: Sequence[int], batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the `CARRIERS` of stories of one article. `batches`: id, grade, name and document."""
    return to_batches(
        CARRIERS,
        (
            _carrier_row(
                periods,
                Story((row_id,), row_id),
                document := DOCUMENTS.decode(data),
                grade,
                document,
                [name],
            )
            for row_id, grade, name, data in iter_rows(batches)
        ),
    )


def describe_stories(periods: Sequence[int], batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the `CARRIERS` of stories of several articles.

    `batches`: from `RESULTS` the id of the lead document, the grade, the members, their names and
    the lead document without its text, with the document that stands for the story.
    """
    return to_batches(
        CARRIERS,
        (
            _carrier_row(
                periods,
                Story(tuple(np.frombuffer(members, np.int64).tolist()), lead_id),
                DOCUMENTS.decode(data),
                grade,
                DOCUMENTS.decode(lead),
                names,
            )
            for lead_id, grade, members, names, lead, data in iter_rows(batches)
        ),
    )


def _carrier_row(
    periods: Sequence[int],
    story: Story,
    head: Document,
    grade: int,
    lead: Document,
    names: Sequence[bytes],
) -> Row:
    carrier = steps.describe_carrier(story, head, CarrierGrade(grade), lead)
    _, moment, rank, uid = chronological_key(carrier.cues)
    at = head.published_at
    # An undated article is a report of its own, so it needs no others.
    period = bisect_right(periods, report_day(at).toordinal()) if at else -head.id
    return (
        *(period, moment, rank, uid.encode("utf-8", "surrogatepass")),
        *(encode_cues(carrier.cues), story.lead, _encode_seniority(carrier.seniority)),
        *(np.array(story.members, np.int64).tobytes(), names),
    )


def _encode_seniority(seniority: Seniority) -> bytes:
    rank, published_at, first_seen_at, uid = seniority
    return pack_row((rank, published_at.isoformat(), first_seen_at.isoformat(), uid))


def _decode_seniority(data: bytes) -> Seniority:
    rank, published_at, first_seen_at, uid = unpack_row(data)
    times = datetime.fromisoformat(str(published_at)), datetime.fromisoformat(str(first_seen_at))
    return int(str(rank)), *times, str(uid)


def link(batches: Batches) -> Iterator[pa.RecordBatch]:
    """Links the stories of whole periods to reports; yields `RESULTS`.

    `batches`: all `CARRIERS` of some periods, sorted by period, moment, rank and uid.
    """
    return to_batches(
        RESULTS,
        (
            row
            for _, group in groupby(iter_rows(batches), key=itemgetter(0))
            for row in _link_rows(group)
        ),
    )


def _link_rows(rows: Iterable[Row]) -> Iterator[Row]:
    names: dict[int, bytes] = {}

    def read_carriers() -> Iterator[CarrierStory]:
        for *_, cues, lead, seniority, packed, member_names in rows:
            members = tuple(np.frombuffer(packed, np.int64).tolist())
            names.update(zip(members, member_names, strict=True))
            story = Story(members, lead)
            yield CarrierStory(decode_cues(cues), story, _decode_seniority(seniority))

    for report_set in steps.link_reports(read_carriers()):
        for report in report_set.reports:
            shown = sorted(names[each] for each in report.members)
            yield (REPORT, report.lead, None, None, None, len(shown), shown, *EMPTY[7:])
        for relation in report_set.relations:
            yield relation_result(relation, names)
