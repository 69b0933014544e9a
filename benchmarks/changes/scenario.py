"""An invented agency: its articles, the script of its edits and removals, and its web site."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIN_PURGED_REPORTS = 10  # an alarm needs many removals
# Each sentence in two translations. {n}: a number, {p}: a person, {w}: a work.
SENTENCES = (
    ("A new {w} was opened in the county on the day.", "A new {w} has been inaugurated in the county that day."),
    ("The ceremony there was attended by {p} and {n} workers.", "Attending the ceremony there were {p} and {n} working people."),
    ("The {w} will give {n} tons of goods to the people each year.", "The {w} is to provide the people with {n} tons of goods every year."),
    ('Speakers there stressed the need to increase "model" production further.', 'The speakers underscored the need to boost "model" production further.'),
    ("The builders finished the whole work in {n} days.", "It took the builders {n} days to complete the entire project."),
    ("Those present looked round the {w} after the ceremony.", "After the ceremony the participants went round the {w}."),
)  # fmt: skip
PERSONS = (
    "Pak Thae Song",
    "Kim Tok Hun",
    "Jo Yong Won",
    "Ri Il Hwan",
    "Choe Son Hui",
    "Pak Jong Chon",
)
WORKS = ("dairy farm", "paper mill", "fish farm", "bag factory", "greenhouse", "shoe factory", "power plant", "brewery")  # fmt: skip


@dataclass(frozen=True)
class Report:
    """One article of the agency in its present state."""

    number: int
    published_at: datetime
    title: str
    paragraphs: tuple[str, ...]
    byline: str
    caption: str
    displayed_date: datetime
    page: str = "article"  # or: 404, 410, null, front, moved
    is_listed: bool = True

    @property
    def path(self) -> str:
        """The path of its URL."""
        kind = "moved" if self.page == "moved" else "detail"
        return (
            f"/article/{kind}/{md5(str(self.number).encode(), usedforsecurity=False).hexdigest()}"
        )


@dataclass(frozen=True)
class Event:
    """An action of the agency on an article, or on its whole site until `until` if `number` < 0."""

    at: datetime
    kind: str
    number: int = -1
    until: datetime | None = None


@dataclass
class Scenario:
    """All articles as first published, and all events in order of time."""

    reports: list[Report]
    events: list[Event] = field(default_factory=list)


def make_report(rng: random.Random, number: int, born: datetime) -> Report:
    """Returns an invented article that is published at `born`."""
    work, person = rng.choice(WORKS), rng.choice(PERSONS)
    lines = tuple(a.format(w=work, p=person, n=rng.randrange(20, 900)) for a, _ in SENTENCES)
    return Report(
        number,
        born,
        f"New {work} number {number} goes into operation",
        (f"Report {number} from the county. {lines[0]}", *lines[1:]),
        f"Reporter {rng.choice('ABCDEFGH')}. Rim",
        f"The {work} seen from the east, picture {number}.",
        born.replace(minute=0),
    )


def make_scenario(rng: random.Random, start: datetime, days: float, events: int) -> Scenario:
    """Returns articles with one event each, faults of the whole site, and a mass deletion.

    The last 34 days have no events, because an edit after the third day is found only at the
    revisit after thirty days.
    """
    total, busy = int(max(events * 0.85, 10)), days - 34
    step = busy * DAY / total
    script = Scenario([make_report(rng, n, start + n * step + HOUR) for n in range(total)])
    vanishing = [kind for kind in REMOVALS if kind != "purged"]
    kinds = [*list(EDITS) * 2, *vanishing * 2, "relisted", "moved"]
    for kind, part, length in (
        ("outage", 0.2, 2 * DAY),
        ("blocked", 0.35, DAY),
        ("soft-404-everywhere", 0.5, DAY),
        ("front-page-everywhere", 0.65, 0.8 * DAY),
        ("404-everywhere", 0.75, 0.8 * DAY),
        ("layout-without-fields", 0.82, 0.8 * DAY),
    ):
        at = start + part * busy * DAY
        script.events.append(Event(at, kind, until=at + length))
    troubles = list(script.events)
    for each in script.reports:
        kind = kinds[each.number % len(kinds)]
        at = each.published_at + rng.uniform(0.6, 2.0) * DAY
        # An event before the first successful fetch cannot be found. A URL that gave no article is
        # fetched again after a day.
        ends = [
            t.until + 2 * DAY
            for t in troubles
            if t.until and each.published_at < t.until and t.at < at
        ]
        event = Event(max([at, *ends]), kind, each.number)
        script.events += [event] if ends and kind != "relisted" else _with_restoration(rng, event)
    script.events += _purge(script, start + 0.9 * busy * DAY)
    script.events.sort(key=lambda event: event.at)
    return script


def _purge(script: Scenario, at: datetime) -> list[Event]:
    """Returns a mass deletion at `at`: most articles of a week, and the alarm it must raise."""
    done = {e.number: e.at for e in script.events if e.kind in EDITS}
    # The revisit that finds an edit of the first two days comes on day three, before the deletion.
    week = [
        r for r in script.reports if 3.6 * DAY < at - r.published_at < 11 * DAY and r.number in done
    ]
    found = [r for r in week if done[r.number] < r.published_at + 2 * DAY]
    # If faults left too few articles, new ones without other events are added.
    spare = [_spare(script, n, at) for n in range(MIN_PURGED_REPORTS - len(found))]
    script.reports += spare
    return [*(Event(at, "purged", r.number) for r in [*found, *spare]), Event(at, "alarm")]


def _spare(script: Scenario, number: int, at: datetime) -> Report:
    born = at - 10 * DAY + number * 6 * DAY / MIN_PURGED_REPORTS
    return make_report(random.Random(number), len(script.reports) + number, born)


def _with_restoration(rng: random.Random, event: Event) -> list[Event]:
    """Returns the event, and for some removals a restoration: within days, or after `gone`."""
    if event.kind == "relisted":
        return [
            replace(event, kind="unlisted"),
            replace(event, kind="relisted", at=event.at + 2 * DAY),
        ]
    if event.kind not in REMOVALS or event.kind == "unlisted" or event.number % 3:
        return [event]
    after = rng.uniform(3.5, 6) * DAY if event.number % 2 else rng.uniform(18, 24) * DAY
    return [event, Event(event.at + after, "restored", event.number)]


def _replace_words(old: tuple[str, ...], index: int, before: str, after: str) -> tuple[str, ...]:
    assert before in old[index], (before, old[index])
    return (*old[:index], old[index].replace(before, after, 1), *old[index + 1 :])


def _change_number(r: Report) -> Report:
    digits = r.paragraphs[4].split("work in ")[1].split()[0]
    return replace(r, paragraphs=_replace_words(r.paragraphs, 4, digits, str(int(digits) + 7)))


def _change_name(r: Report) -> Report:
    old = next(person for person in PERSONS if person in r.paragraphs[1])
    new = next(person for person in PERSONS if not set(person.split()) & set(old.split()))
    return replace(r, paragraphs=_replace_words(r.paragraphs, 1, old, new))


def _retranslate(r: Report) -> Report:
    work = next(w for w in WORKS if w in r.title)
    person = next(person for person in PERSONS if person in r.paragraphs[1])
    told = [
        [word.strip(".") for word in line.split() if word.strip(".").isdigit()]
        for line in r.paragraphs
    ]
    lines = [
        b.format(w=work, p=person, n=told[i][-1] if told[i] else "")
        for i, (_, b) in enumerate(SENTENCES)
    ]
    return replace(r, paragraphs=(f"Report {r.number} from the county. {lines[0]}", *lines[1:]))


EDITS: dict[str, Callable[[Report], Report]] = {
    "headline": lambda r: replace(r, title=r.title.replace("goes into", "starts")),
    "lead": lambda r: replace(r, paragraphs=_replace_words(r.paragraphs, 0, "opened", "shown")),
    "body": lambda r: replace(
        r, paragraphs=_replace_words(r.paragraphs, 5, "looked round", "walked through")
    ),
    "cut": lambda r: replace(r, paragraphs=r.paragraphs[:3] + r.paragraphs[4:]),
    "numbers": _change_number,
    "names": _change_name,
    "date": lambda r: replace(r, displayed_date=r.displayed_date - 2 * DAY),
    "byline": lambda r: replace(r, byline="Reporter Z. Han"),
    "caption": lambda r: replace(r, caption=r.caption.replace("east", "west")),
    "byline taken out": lambda r: replace(r, byline=""),
    "caption taken out": lambda r: replace(r, caption=""),
    "retranslation": _retranslate,
    "typography": lambda r: replace(
        r, paragraphs=_replace_words(r.paragraphs, 3, '"model"', "“model”")
    ),
    "white space": lambda r: replace(
        r, paragraphs=_replace_words(r.paragraphs, 3, "to increase", "toincrease")
    ),
}
REMOVALS: dict[str, Callable[[Report], Report]] = {
    "404": lambda r: replace(r, page="404", is_listed=False),
    "410": lambda r: replace(r, page="410"),
    "null": lambda r: replace(r, page="null"),
    "front": lambda r: replace(r, page="front", is_listed=False),
    "unlisted": lambda r: replace(r, is_listed=False),
    "purged": lambda r: replace(r, page="404", is_listed=False),
}
OTHER_EVENTS: dict[str, Callable[[Report], Report]] = {
    "restored": lambda r: replace(r, page="article", is_listed=True),
    "relisted": lambda r: replace(r, is_listed=True),
    "moved": lambda r: replace(r, page="moved"),
}


class AgencySite:
    """The web site of the agency. `advance` moves it to a later time."""

    def __init__(self, script: Scenario, start: datetime) -> None:
        self._script = script
        self._reports = {each.number: each for each in script.reports}
        self._pending_events = list(script.events)
        self._now = start
        self.site_fault = ""
        handler = type("Handler", (_Handler,), {"agency": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        """Returns the URL of a path."""
        return f"http://{self.host}{path}"

    def advance(self, now: datetime) -> None:
        """Applies all events of the script until `now`."""
        self._now = now
        while self._pending_events and self._pending_events[0].at <= now:
            event = self._pending_events.pop(0)
            if event.number >= 0:
                act = (EDITS | REMOVALS | OTHER_EVENTS)[event.kind]
                self._reports[event.number] = act(self._reports[event.number])
        troubles = (e for e in self._script.events if e.until and e.at <= now < e.until)
        self.site_fault = next((event.kind for event in troubles), "")

    def answer(self, path: str) -> tuple[int, str, str]:
        """Returns status, body and Location header of a response."""
        if path == "/robots.txt":
            return 200, "User-agent: *\nAllow: /\n", ""
        if self.site_fault in ("outage", "blocked"):
            return (503, "down", "") if self.site_fault == "outage" else (403, "no", "")
        if path == "/list":
            return 200, self._listing(), ""
        if path == "/":
            return 200, f"<html><body><h1>The agency</h1>{self._listing()}</body></html>", ""
        if self.site_fault.endswith("-everywhere"):
            return {"soft": (200, _NULL, ""), "404-": (404, "", "")}.get(
                self.site_fault[:4], (302, "", "/")
            )
        wanted = path.rsplit("/", 1)[-1]
        found = next((r for r in self._reports.values() if r.path.endswith(wanted)), None)
        if found is None or found.published_at > self._now or found.page in ("404", "410"):
            return (
                int(found.page) if found and found.page == "410" else 404,
                "<h1>Not found</h1>",
                "",
            )
        if found.page == "null":
            return 200, _NULL, ""
        if found.page == "front":
            return 302, "", "/"
        if found.page == "moved" and "/detail/" in path:
            return 301, "", found.path
        if self.site_fault:  # a layout without byline and caption
            found = replace(found, byline="", caption="")
        return 200, _page(found), ""

    def _listing(self) -> str:
        shown = [r for r in self._reports.values() if r.published_at <= self._now and r.is_listed]
        newest = sorted(shown, key=lambda r: r.published_at, reverse=True)[:40]
        items = "".join(
            f'<li><a href="{r.path}">{r.title}</a> <time>{r.published_at:%Y-%m-%d %H:%M}</time></li>'
            for r in newest
        )
        return f"<html><body><ul>{items}</ul></body></html>"


_NULL = "<html><head><title>NULL</title></head><body>NULL</body></html>"


def _page(r: Report) -> str:
    text = "".join(f'<p class="text">{line}</p>' for line in r.paragraphs)
    byline = f'<span class="by">{r.byline}</span>' if r.byline else ""
    caption = f"<figcaption>{r.caption}</figcaption>" if r.caption else ""
    return (
        f"<html><head><title>{r.title}</title></head><body><article><h1>{r.title}</h1>"
        f"{byline}<time>{r.displayed_date:%Y-%m-%d %H:%M}</time>{text}"
        f"<figure>{caption}</figure></article></body></html>"
    )


class _Handler(BaseHTTPRequestHandler):
    agency: AgencySite

    def do_GET(self) -> None:
        status, body, location = self.agency.answer(self.path)
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""
