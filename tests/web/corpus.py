"""An invented corpus with everything that a page can show, made through the normal paths.

Three days of 2026. On the second, an agency reports a visit to a glass works; three papers and a
broadcaster carry it in three languages: verbatim, edited, in part, and in other words. One article
is edited in silence, one three times in other ways, one is removed, one is a stub, and one outlet
fails.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from dedup.records import DecisionVerb
from storage import Database
from storage.counts import Count
from storage.identity import compute_identity
from storage.records import (
    Article,
    Capture,
    CaptureOutcome,
    CaptureResult,
    PageClass,
    Run,
    RunOutcome,
    TimePrecision,
)
from storage.reports.working_out import work_out
from storage.tables.runs import run as run_table

DAY = datetime(2026, 3, 2, tzinfo=UTC)
RANKS = {"kcna": 0, "wire": 1, "herald": 9, "seoul-ilbo": 9, "haebang": 9, "radio": 9, "quiet": 9}

VISIT = (
    "Kim Jong Un, general secretary of the Workers' Party of Korea, visited the Songrim Glass Works"
    " on Sunday. He looked round the new melting hall and learned in detail about the output of"
    " sheet glass. He said that the works must make 12,000 square metres of glass a month. He was"
    " accompanied by Jo Yong Won, Ri Hi Yong and other officials of the party."
)
VISIT_END = (
    "The general secretary praised the workers, who had finished the hall a month ahead of the plan."
    " He set forth the tasks of the glass industry and had a photograph taken with the workers."
)
VISIT_KO = (
    "김정은 조선로동당 총비서가 일요일 송림유리공장을 현지지도했다고 조선중앙통신이 2일 보도했다. 김 위원장은 새로 건설된 용해장을"
    " 돌아보며 판유리 생산 실태를 료해했다. 그는 공장이 매달 1만 2천 제곱미터의 유리를 생산해야 한다고 강조했다. 조용원 비서와"
    " 리히용 비서를 비롯한 당 간부들이 동행했다고 통신은 전했다."
)
VISIT_KO_END = (
    "통신은 김 위원장이 계획보다 한 달 앞서 용해장을 완공한 로동자들을 치하하고 유리 공업의 과업을 제시한 뒤 기념사진을 찍었다고"
    " 덧붙였다. 우리 정부 당국자는 관련 동향을 예의 주시하고 있다고 말했다."
)

FERRY = (
    (
        "The ferry to the eastern islands runs again after three weeks, the operator said on Sunday. A"
        " 'new engine' was built in at the yard of Wonsan, and the ship passed its trial on Friday."
    ),
    "The ferry takes 240 passengers and 30 cars. It leaves at 7:30 a.m. and returns in the evening.",
    (
        'Fishermen on the islands had been cut off from the market. "We sold nothing in February," said'
        " Pak Chol Su, who has a boat there."
    ),
)


def article(
    outlet: str,
    key: str,
    title: str,
    text: str,
    at: datetime,
    language: str = "en",
    *,
    seen_after: timedelta = timedelta(minutes=20),
    last_without: timedelta | None = timedelta(minutes=10),
    precision: TimePrecision = TimePrecision.MINUTE,
    page_class: PageClass = PageClass.ARTICLE,
    rights: str = "full",
    authors: tuple[str, ...] = (),
) -> Article:
    """An article published at `at`, first fetched `seen_after` later.

    `last_without`: how long before that a poll did not list it; None: no such poll.
    """
    seen_at = at + seen_after
    url = f"https://{outlet}.example/news/{key}"
    digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    return Article(
        outlet=outlet,
        url=url,
        canonical_url=url,
        key=key,
        title=title,
        text=text,
        language=language,
        page_class=page_class,
        authors=authors,
        published_at=at,
        published_precision=precision,
        first_seen_at=seen_at,
        last_poll_without_at=None if last_without is None else seen_at - last_without,
        rights=rights,
        capture=Capture(url=url, fetched_at=seen_at, status=200, body_sha256=digest),
    )


def articles() -> list[Article]:
    """All articles, before anything is edited or removed."""
    visit_at = DAY + timedelta(days=1, hours=6)
    wire_text = f"SEOUL, March 2 (Wire) -- {VISIT}\n{VISIT_END}"
    return [
        article("kcna", "e1", "Kim Jong Un Visits Songrim Glass Works", f"{VISIT}\n{VISIT_END}", visit_at),
        article("wire", "w1", "N. Korean leader visits glass works", wire_text, visit_at + timedelta(minutes=25)),
        article(
            "herald", "h1", "Kim visits glass works", f"{VISIT}\n{VISIT_END}",
            visit_at + timedelta(hours=1), authors=("Ann Reporter",),
        ),
        article(
            "radio", "r1", "Leader inspects Songrim Glass Works: KCNA",
            "The leader of North Korea inspected a glass works in Songrim, the Korean Central News Agency"
            " said on Monday. The works is to make 12,000 square metres of sheet glass every month, the"
            " agency quoted Kim Jong Un as saying. Analysts in Seoul see a drive for building materials.",
            visit_at + timedelta(hours=3), last_without=timedelta(hours=2),
        ),
        article(
            "seoul-ilbo", "s1", "김정은, 송림유리공장 현지지도…\"매달 1만2천㎡ 생산\"", f"{VISIT_KO}\n{VISIT_KO_END}",
            visit_at + timedelta(minutes=40), "ko", rights="lead",
        ),
        article(
            "haebang", "b1", "김정은 송림유리공장 시찰", VISIT_KO, visit_at + timedelta(hours=2), "ko",
            rights="none", last_without=None,
        ),
        article(
            "haebang", "b2", "[속보] 북한 김정은, 유리공장 방문", "북한 김정은 국무위원장이 유리공장을 방문했다고 조선중앙통신이 보도했다.",
            visit_at + timedelta(minutes=5), "ko", rights="none",
        ),
        article(
            "kcna", "e2", "Rodong Sinmun Calls for Saving Coal",
            "Rodong Sinmun on Sunday carried an editorial on the saving of coal. Every household and every"
            " factory is called upon to save coal for the power stations of the country. The editorial"
            " praises the miners of Tokchon and Pukchang, who mined more coal than planned in February.",
            DAY + timedelta(hours=5),
        ),
        article(
            "herald", "h2", "Snow closes schools in the north",
            "Heavy snow closed 140 schools in the northern provinces on Sunday. Ploughs were sent from three"
            " cities, and trains to the coast ran two hours late. More snow is expected on Tuesday.",
            DAY + timedelta(hours=9),
        ),
        article(
            "radio", "r2", "Only the headline is free", "Subscribers read on.",
            DAY + timedelta(days=2, hours=4), page_class=PageClass.STUB,
        ),
        article(
            "wire", "w2", "(LEAD) N. Korea fires missile toward the sea",
            "SEOUL, March 4 (Wire) -- North Korea fired what appears to be a short-range ballistic missile"
            " toward the East Sea on Wednesday, the Joint Chiefs of Staff said. The missile flew about 300"
            " kilometres after it was launched from an area near Sunan at 7:10 a.m.",
            DAY + timedelta(days=2, hours=0, minutes=30),
        ),
        article(
            "herald", "h3", "Report of an unnamed day", "An invented report whose outlet prints only a date. " * 6,
            DAY + timedelta(days=2), precision=TimePrecision.DAY, last_without=None,
        ),
        article(
            "herald", "h4", "Ferry to the islands runs again", "\n".join(FERRY),
            DAY + timedelta(hours=11), authors=("Ann Reporter",),
        ),
    ]  # fmt: skip


def fill(database: Database) -> None:
    """Stores the corpus: articles, an edit, a removal, runs, health, a decision, the reports."""
    database.outlets.declare_ranks(RANKS)
    stored = articles()
    for each in stored:
        run = _begin(database, each.outlet, each.first_seen_at or DAY)
        database.save([each], run.id)
        _finish(database, run, RunOutcome.OK, {Count.SOURCE_OK: 1, Count.STORED_NEW: 1})
    _edit(database, stored[0])
    _edit_three_times(database, stored[12])
    _remove(database, stored[8], witness=stored[2])
    _fail(database, "quiet", DAY + timedelta(days=2))
    database.changes.rebuild()
    ids = [database.articles.find(each.key)[0] for each in (stored[4], stored[5])]
    database.decisions.add(ids[0], ids[1], DecisionVerb.MUST_LINK, "one text, shortened")
    for outlet in RANKS:
        database.health.assess(outlet, DAY + timedelta(days=3))
    work_out(database)


def _edit(database: Database, first: Article) -> None:
    """Changes a figure and drops a name in silence, a day later."""
    text = first.text.replace("12,000", "18,000").replace("Jo Yong Won, Ri Hi Yong", "Jo Yong Won")
    at = (first.first_seen_at or DAY) + timedelta(days=1)
    capture = Capture(url=first.url, fetched_at=at, status=200, body_sha256="e" * 64)
    edited = article("kcna", first.key, first.title, text, first.published_at or DAY)
    edited.first_seen_at, edited.capture = at, capture
    database.save([edited])


def _edit_three_times(database: Database, first: Article) -> None:
    """Changes only quotation marks, then headline and authors, then a figure, with a note on it."""
    quoted = first.text.replace("'new engine'", "“new engine”").replace('"', "”")
    title, authors = "Ferry to the islands runs again, a week late", ("Ann Reporter", "Bo Writer")
    corrected = (
        f"{quoted.replace('240', '204')}\nCorrection: the ferry takes 204 passengers, not 240."
    )
    versions = (
        (timedelta(hours=6), first.title, quoted, first.authors),
        (timedelta(days=1), title, quoted, authors),
        (timedelta(days=1, hours=8), title, corrected, authors),
    )
    for after, headline, text, writers in versions:
        at = (first.first_seen_at or DAY) + after
        published_at = first.published_at or DAY
        edited = article("herald", first.key, headline, text, published_at, authors=writers)
        digest = hashlib.sha256(f"{after}".encode()).hexdigest()
        capture = Capture(url=first.url, fetched_at=at, status=200, body_sha256=digest)
        edited.first_seen_at, edited.capture = at, capture
        database.save([edited])


def _remove(database: Database, first: Article, *, witness: Article) -> None:
    """Lets the page answer 404 in three runs over 16 days, in which another page answers."""
    for days in (1, 8, 17):
        at = (first.first_seen_at or DAY) + timedelta(days=days)
        run = _begin(database, first.outlet, at, kind="ingest")
        alive = replace(
            witness,
            capture=Capture(url=witness.url, fetched_at=at, status=200, body_sha256="a" * 64),
        )
        database.save([alive], run.id)
        fetched = Capture(url=first.url, fetched_at=at + timedelta(seconds=2), status=404)
        result = CaptureResult(CaptureOutcome.GONE, "404")
        database.record_capture(first.outlet, _identity(first), fetched, result, run.id)
        _finish(database, run, RunOutcome.OK, {Count.SOURCE_OK: 1})


def _identity(each: Article) -> str:
    return compute_identity(each.key, each.canonical_url, each.url)


def _fail(database: Database, outlet: str, at: datetime) -> None:
    for hours in range(3):
        run = _begin(database, outlet, at + timedelta(hours=hours))
        run.cause = "the feed: 503 Service Unavailable"
        _finish(database, run, RunOutcome.UNREACHABLE, {Count.SOURCE_UNREACHABLE: 1})


def _begin(database: Database, outlet: str, at: datetime, kind: str = "crawl") -> Run:
    run = database.runs.begin(outlet, kind=kind)
    run.started_at = at
    database.write(
        lambda connection: connection.execute(
            update(run_table).where(run_table.c.id == run.id), {"started_at": at}
        )
    )
    return run


def _finish(database: Database, run: Run, outcome: RunOutcome, counts: dict[Count, int]) -> None:
    run.outcome, run.ended_at = outcome, run.started_at + timedelta(seconds=4)
    run.counts = {each.value: number for each, number in counts.items()}
    database.runs.finish(run)


def outlets() -> Iterable[str]:
    """The names of all outlets of the corpus."""
    return RANKS


def article_keys() -> list[str]:
    """The keys of all articles of the corpus, in the order in which they were stored."""
    return [each.key for each in articles()]
