"""Invents a press of eight outlets over two months, and knows who carried what, and how late.

    python invented_press.py press.csv

Every word is invented. The agency has the name `kcna`, because by it nkwire knows the agency. The
same seed gives the same articles.
"""

import csv
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ARTICLES, REPORTS, UNDATED = 700, 96, 9
FIRST_DAY, DAYS = datetime(2026, 3, 2, tzinfo=UTC), 60
AGENCY = "kcna"
VERBATIM, EDITED, EXCERPT, DERIVED = "verbatim", "edited", "excerpt", "derived"


@dataclass(frozen=True)
class Habit:
    """What an outlet does with a report.

    `share`: of the reports that it carries. `manners`: weights. `delay`: minutes after the agency, as
    the least and the most. `has_clock`: whether it prints the time of day.
    """

    share: float
    manners: dict[str, int]
    delay: tuple[int, int]
    has_clock: bool = True


HABITS = {
    "harbour-wire": Habit(0.85, {VERBATIM: 8, EDITED: 2}, (4, 25)),
    "hill-radio": Habit(0.6, {EDITED: 7, EXCERPT: 3}, (20, 90)),
    "morning-courier": Habit(0.75, {EDITED: 5, EXCERPT: 3, DERIVED: 2}, (60, 240)),
    "evening-lantern": Habit(0.5, {EXCERPT: 6, DERIVED: 4}, (240, 600)),
    "the-granite-post": Habit(0.45, {DERIVED: 9, EXCERPT: 1}, (300, 1000)),
    "weekday-gazette": Habit(0.4, {VERBATIM: 3, EDITED: 7}, (180, 900), has_clock=False),
    "north-quay-review": Habit(0.3, {DERIVED: 1}, (700, 1400), has_clock=False),
}


@dataclass(frozen=True)
class Carried:
    """What the generator knows: an outlet carried a report in a manner, so many minutes later."""

    report: int
    outlet: str
    manner: str
    minutes: int


@dataclass(frozen=True)
class Press:
    """The articles, as rows of the CSV, and what is true of them."""

    rows: list[dict[str, str]]
    carried: list[Carried]


COLUMNS = ("id", "url", "outlet", "title", "text", "language", "published_at")


def _list(text: str) -> list[str]:
    return text.split("|")


_FIRST = _list("Ryong|Sam|Kum|Pong|Chol|Un|Tok|Hwang|Song|Man|Kang|Yon|Pyok|Sin|Tae|Mun")
_LAST = _list("san|chon|ri|gang|do|won|ha|jin|tan|gol|pyong|sil")
_FAMILY = _list("Pak|Choe|Jang|Rim|Han|O|Paek|Sok|Hyon|Yun|Kwak|Ma")
_GIVEN = _list("Il Su|Yong Nam|Chun Hui|Kwang Ho|Myong Ok|Tae Song|Sun Ae|Hak Chol|Jin U|Ki Ryong")
_WORKS = _list(
    "Tile Factory|Glass Works|Salt Works|Paper Mill|Ferry Yard|Seed Station|Silk Mill|Cement Plant"
    "|Trout Farm|Lamp Factory|Bicycle Plant|Pottery|Umbrella Factory|Printing House|Bell Foundry"
    "|Apple Orchard|Cable Works|Toy Factory|Weather Station|Music Hall|Tractor Depot|Rope Walk"
    "|Ink Factory|Beehive Farm"
)
_SUBJECTS = _list(
    "Engineers of the {works}|Builders from {place}|Young workers of shift {a}|The managers under {person}"
    "|Technicians who came from {place}|Officials of {place} County|Graduates of the {place} college"
    "|The {a} members of the team|{person}, head of the {works},|Veterans of the {works}"
    "|Scientists of branch {a}|Drivers of the {place} depot|Families of {place} village"
    "|The people's committee of {place}|Women of brigade {a}|Planners of the {works}"
    "|The deputy of {person}|Inspectors sent to {place}|Students of class {a} at {place}"
    "|The designers of the {works}|Sailors of {place} port|Teachers in {place}"
)
_VERBS = _list(
    "finished in {b} days|have brought {b} percent further|carried over {b} kilometres"
    "|raised by {b} centimetres|set up within {b} weeks|put in order {b} times|tested on {b} nights"
    "|have renewed at {b} places|moved with {b} carts|measured {b} times over|painted in {b} hours"
    "|drew up for {b} households|handed to {b} neighbours|built with {b} tons of stone"
    "|have opened after {b} months|repaired at {b} points|laid along {b} metres of road"
    "|planned on {b} sheets|washed with {b} buckets|divided into {b} parts"
)
_OBJECTS = _list(
    "the drying hall of {place}|a second kiln near gate {c}|the long pier at {place}"
    "|{c} new looms|the roof above hall {c}|a canal of {c} bends|the stores beside {place} station"
    "|{c} lamps on poles|the well of {place}|a mill wheel of {c} blades|the bridge to {place}"
    "|{c} wagons of gravel|the reading room of the {works}|a chimney of {c} rings"
    "|the ponds below {place}|{c} crates of tools|the yard of the {works}|a line of {c} pumps"
    "|the stairs up to {place} hill|{c} windows on the south side"
)
_DETAILS = _list(
    "although the river stood {d} metres high|with timber from {place}|before the rains of week {d}"
    "|as {person} had proposed|and saved {d} barrels of oil|so that {d} more people find work"
    "|while snow still lay at {place}|by a method that {person} worked out|and lost only {d} bricks"
    "|to the music of the {place} band|at a cost of {d} hours|without help from outside {place}"
    "|which doubles what the {works} makes|after {d} trials had failed|on the advice of {person}"
    "|for the fair that {place} holds|with {d} hands fewer than planned|where {place} meets the sea"
    "|and planted {d} poplars there|under a plan of {d} pages"
)
_OWN = _list(
    "Traders at the {place} market shrugged and went on weighing carrots|Our reader {person} wrote {d} letters on the subject"
    "|A bus from {place} was {b} minutes late, as usual|The museum of {place} shows {c} clocks until autumn"
    "|Fishermen brought {b} crates of squid ashore|The choir of {place} looks for {d} tenors"
    "|A storm took {c} slates from the town hall|{person} won the chess evening with {b} points"
    "|The library lends {d} books more than last year|Rain is expected over {place} on {c} days"
    "|The baker {person} has baked a loaf of {b} kilograms|Two owls moved into the tower of {place}"
    "|The council of {place} argued for {d} hours about benches|A lost umbrella waits at counter {c}"
    "|The tide tables of {place} were printed with {b} errors|{person} repaired the carousel in {d} evenings"
    "|A marathon of {b} runners crossed {place}|Strawberries cost {c} coins at {place}"
    "|The lighthouse of {place} got {d} new lenses|A goat stopped the tram near {place} for {c} minutes"
)

# What the agency says of a works, and what others make of it: headline and lead of both.
_NEWS = (
    (
        "{works} Makes {output} Pieces a Day",
        "The {works} now makes {output} pieces a day, said {person}, who manages it.",
        "{output} pieces a day from the {works}: KCNA",
        "The {works} of North Korea turns out {output} pieces a day, its manager {person} claimed",
    ),
    (
        "New Hall of {works} Opens",
        "A new hall of {output} square metres was opened at the {works} in the presence of {person}.",
        "North Korea opens new hall at {works}",
        "A hall of {output} square metres opened at the {works}, and {person} cut the ribbon",
    ),
    (
        "{person} Inspects {works}",
        "{person} inspected the {works} and praised its {output} workers for their thrift.",
        "{person} visits North Korea's {works}, praises thrift",
        "On a visit to the {works} {person} found praise for the thrift of {output} workers",
    ),
    (
        "{works} Saves {output} Tons of Coal",
        "The {works} saved {output} tons of coal this winter by a stove that {person} designed.",
        "A stove by {person} saves {output} tons of coal, says KCNA",
        "A stove of the designer {person} spared the {works} {output} tons of coal in the winter",
    ),
    (
        "Contest of Inventors Held at {works}",
        "Inventors showed {output} designs in a contest at the {works}, which {person} won.",
        "{person} wins North Korean contest of {output} inventions",
        "{person} won a contest of inventors with {output} designs at the {works}",
    ),
    (
        "Flood Damages {works}",
        "A flood damaged {output} machines of the {works}, and {person} led the repairs.",
        "Flood hits {output} machines at {works}, North Korea says",
        "{output} machines of the {works} stood under water after a flood; {person} is to repair them",
    ),
    (
        "{works} Sends {output} Crates to Fair",
        "The {works} sent {output} crates to the spring fair, where {person} opened its stand.",
        "{works} brings {output} crates to North Korean fair",
        "With {output} crates the {works} came to the spring fair, and {person} opened its stand",
    ),
)


class _Facts:
    """The names and numbers of one report, and sentences with them."""

    def __init__(self, chance: random.Random, number: int) -> None:
        self.chance = chance
        self.number = number
        self.place = _FIRST[number % 16] + _LAST[(number // 16 + number) % 12]
        self.works = f"{self.place} {_WORKS[number % 24]}"
        self.person = f"{_FAMILY[number % 12]} {chance.choice(_GIVEN)}"
        self.output = 1000 + 37 * number
        self.port = _invent_place(chance)
        self.wagons = chance.randrange(11, 99)

    def fill(self, pattern: str) -> str:
        names = {
            "place": self.chance.choice([self.place, _invent_place(self.chance)]),
            "works": self.works,
            "person": self.person,
            "output": f"{self.output:,}",
            **{each: str(self.chance.randrange(3, 400)) for each in "abcd"},
        }
        return pattern.format(**names)

    @property
    def news(self) -> tuple[str, str, str, str]:
        return _NEWS[self.number % len(_NEWS)]

    def sentences(self, count: int) -> list[str]:
        parts = [
            self.chance.sample(pool, count) for pool in (_SUBJECTS, _VERBS, _OBJECTS, _DETAILS)
        ]
        return [f"{self.fill(' '.join(each))}." for each in zip(*parts, strict=True)]

    def own_sentences(self, count: int) -> list[str]:
        return [f"{self.fill(each)}." for each in self.chance.sample(_OWN, count)]


def invent_press(seed: int = 7) -> Press:
    """Returns the same 700 articles for the same seed, by time, and who carried what."""
    chance = random.Random(seed)
    rows: list[tuple[datetime, dict[str, str]]] = []
    carried: list[Carried] = []
    for number in range(REPORTS):
        facts = _Facts(random.Random(f"{seed} {number}"), number)
        at = FIRST_DAY + timedelta(days=number * DAYS / REPORTS, hours=1)
        at = at.replace(minute=chance.randrange(60), second=0, microsecond=0)
        title, sentences = _original(facts, at)
        rows.append((at, _row(AGENCY, f"r{number}", title, sentences, at)))
        for outlet, habit in HABITS.items():
            if chance.random() < habit.share:
                manner = chance.choices(list(habit.manners), list(habit.manners.values()))[0]
                minutes = chance.randint(*habit.delay)
                later = at + timedelta(minutes=minutes)
                headline, text = _carry(facts, manner, title, sentences, later)
                row = _row(outlet, f"r{number}", headline, text, later, habit.has_clock)
                rows.append((later, row))
                carried.append(Carried(number, outlet, manner, minutes))
    rows += _own_articles(chance, seed, ARTICLES - len(rows))
    rows.sort(key=lambda each: (each[0], each[1]["id"]))
    return Press([row for _, row in rows], carried)


def write_press(path: Path, press: Press) -> None:
    """Writes the articles as CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(press.rows)


def _original(facts: _Facts, at: datetime) -> tuple[str, list[str]]:
    title, lead, _, _ = facts.news
    second = (
        f"Its {facts.wagons} wagons a week go to the port of {facts.port}, {facts.person} added."
    )
    first = f"Pyongyang, {at:%B} {at.day} (KCNA) -- {facts.fill(lead)}"
    return facts.fill(title), [first, second, *facts.sentences(8)]


def _carry(
    facts: _Facts, manner: str, title: str, sentences: Sequence[str], at: datetime
) -> tuple[str, list[str]]:
    if manner == VERBATIM:
        return title, list(sentences)
    if manner == EDITED:
        return f"Mill and mine: {title}", [*sentences[:6], *facts.own_sentences(1)]
    _, _, headline, lead = facts.news
    if manner == EXCERPT:
        quoted = facts.chance.sample(sentences[2:], 3)
        intro = f"{facts.fill(facts.news[1])} So the state news agency KCNA said on {at:%A}."
        return facts.fill(headline), [intro, sentences[1], *quoted, *facts.own_sentences(8)]
    own_words = [
        f"{facts.fill(lead)}, the state news agency KCNA said on {at:%A}.",
        f"Each week {facts.wagons} wagons roll from there to the port of {facts.port}.",
    ]
    return facts.fill(headline), [*own_words, *facts.own_sentences(4)]


def _own_articles(
    chance: random.Random, seed: int, count: int
) -> Iterator[tuple[datetime, dict[str, str]]]:
    """Yields articles about other things; the last ones have no date."""
    for number in range(count):
        facts = _Facts(random.Random(f"{seed} own {number}"), number)
        at = FIRST_DAY + timedelta(minutes=chance.randrange(DAYS * 24 * 60))
        outlet = chance.choice(list(HABITS))
        sentences = facts.own_sentences(9)
        has_date = number < count - UNDATED
        row = _row(outlet, f"o{number}", sentences[0].rstrip("."), sentences[1:], at)
        yield at, row if has_date else {**row, "published_at": ""}


def _row(
    outlet: str, name: str, title: str, sentences: Sequence[str], at: datetime, clock: bool = True
) -> dict[str, str]:
    return {
        "id": f"{outlet}-{name}",
        "url": f"https://{outlet}.example/{name}",
        "outlet": outlet,
        "title": title,
        "text": " ".join(sentences),
        "language": "en",
        "published_at": f"{at:%Y-%m-%dT%H:%M}Z" if clock else f"{at:%Y-%m-%d}",
    }


def _invent_place(chance: random.Random) -> str:
    return chance.choice(_FIRST) + chance.choice(_LAST)


if __name__ == "__main__":
    write_press(Path(sys.argv[1]), invent_press())
