"""Texts that attack a page, and a corpus of them with control characters, lone surrogates, giants."""

from datetime import UTC, datetime, timedelta

from storage import Database
from storage.records import Article, Capture, SaveOutcome, TimePrecision
from storage.reports.working_out import work_out

_CALLS = ("alert(1)", "alert`1`", "top.alert(1)", "self['al'+'ert'](1)")
_ELEMENTS = (
    "<script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<math><mtext><img src=x onerror={}></mtext></math>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<details open ontoggle={}>",
    "<body onload={}>",
    "<video><source onerror={}></video>",
    "<input autofocus onfocus={}>",
    "<a href=javascript:{}>x</a>",
)
_OTHERS = (
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--<script>alert(1)//-->",
    "]]><script>alert(1)</script>",
    "\u202egnp.exe<script>alert(1)</script>",
    "<style>@import 'http://127.0.0.1:1/x.css';</style>",
    "<link rel=stylesheet href=http://127.0.0.1:1/x.css>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:1/'>",
    "<base href=http://127.0.0.1:1/>",
    "<form action=http://127.0.0.1:1/><button>x",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<button formaction=javascript:alert(1)>X</button>",
    "\x01javascript:alert(1)",
    "javascript://https://example.org/%0aalert(1)",
    "vbscript:msgbox(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "\ufeff<script>\u2028alert(1)\u2029</script>\x00\x1b[31m",
)

PAYLOADS = (
    *(element.format(call) for element in _ELEMENTS for call in _CALLS),
    *_OTHERS,
)
AT = datetime(2026, 3, 2, 6, tzinfo=UTC)
CARRIED = (
    "A spokesperson for the Ministry of Foreign Affairs of the DPRK issued a statement on Monday, the"
    " Korean Central News Agency said. The naval exercise in the East Sea is an open provocation that"
    " brings the military tension in the region of the Korean peninsula to a dangerous line. "
)
NAMES = {
    "bidi": "\u202eText from right to left\u202c and \u2066isolated",
    "surrogate": "half \ud83d of a face",
    "nul": "nul \x00 escape \x1b[2J bell \x07",
    "zero-width": "invisible\u200b\ufeff words\U000e0041",
    "long-line": "a" * 1_000_000,
    "long-words": " ".join(["word"] * 200_000),
    "empty": "",
    "entities": "&lt;b&gt; &amp;amp; &#0; &",
}


def hostile_articles(members: int = 0) -> list[Article]:
    """One article for each payload and name, two of each outlet; `members` more carry one report."""
    texts = [*((f"p{number}", each) for number, each in enumerate(PAYLOADS)), *NAMES.items()]
    made = [_article(key, text, number) for number, (key, text) in enumerate(texts)]
    made += [_member(number) for number in range(members)]
    return made


def _article(key: str, text: str, number: int) -> Article:
    seen_at = AT + timedelta(minutes=number)
    url = f"https://hostile.example/{key}?q={'%22%3E' if number % 2 else 'a'}"
    return Article(
        outlet=f"<b>{number % 5}" if number % 3 == 0 else f"hostile-{number % 7}",
        url=url,
        key=key,
        title=text[:2_000] or "Title",
        text=f"{CARRIED}{text}\n{text}",
        authors=(text[:200],),
        section=text[:200],
        captions=(text[:300],),
        lead=text[:300],
        language="en",
        published_at=seen_at - timedelta(minutes=3),
        published_precision=TimePrecision.MINUTE,
        first_seen_at=seen_at,
        rights=text[:40],
        capture=Capture(url=url, fetched_at=seen_at, status=200),
    )


def _member(number: int) -> Article:
    seen_at = AT + timedelta(minutes=number % 600)
    url = f"https://member-{number % 400}.example/{number}"
    return Article(
        outlet=f"member-{number % 400}",
        url=url,
        title=f"Statement on the naval exercise, print {number}",
        text=f"{CARRIED}{CARRIED}{CARRIED}",
        language="en",
        published_at=seen_at,
        published_precision=TimePrecision.MINUTE,
        first_seen_at=seen_at,
        capture=Capture(url=url, fetched_at=seen_at, status=200),
    )


def fill(database: Database, members: int = 0) -> list[int]:
    """Stores the corpus with an edit of each article; returns the ids of the articles."""
    database.outlets.declare_ranks({"hostile-1": 0})
    made = hostile_articles(members)
    ids: list[int] = []
    for start in range(0, len(made), 100):
        receipts = database.save(made[start : start + 100])
        ids += [each.article_id for each in receipts if each.outcome is not SaveOutcome.REJECTED]
    for each in made[: len(PAYLOADS)]:
        each.title, each.text = f"{each.title} (2)", f"{each.text}{each.title}"
        each.capture = Capture(url=each.url, fetched_at=AT + timedelta(days=1), status=200)
        each.first_seen_at = None
    database.save(made[: len(PAYLOADS)])
    work_out(database)
    return ids
