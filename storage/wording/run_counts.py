"""Says in words what a run counted. One table for the causes of runs, the lists and the pages."""

from collections.abc import Mapping

from storage.counts import Count

RUN_COUNT_WORDS: Mapping[Count, tuple[str, str]] = {
    Count.STORED_NEW: ("new", "new"),
    Count.STORED_EDITED: ("edited", "edited"),
    Count.STORED_UNCHANGED: ("unchanged", "unchanged"),
    Count.DRY: ("article read and not stored", "articles read and not stored"),
    Count.REJECTED: ("article in quarantine", "articles in quarantine"),
    Count.LOST: ("article lost", "articles lost"),
    Count.LOST_WARC: ("recording lost", "recordings lost"),
    Count.LOST_VISITS: ("visit lost", "visits lost"),
    Count.EXCEPTIONS: ("error in nkwire itself", "errors in nkwire itself"),
    Count.SOURCE_OK: ("source answered", "sources answered"),
    Count.SOURCE_UNCHANGED: ("source unchanged", "sources unchanged"),
    Count.SOURCE_REFUSED: ("source refused", "sources refused"),
    Count.SOURCE_UNREACHABLE: ("source unreachable", "sources unreachable"),
    Count.SOURCE_ERROR: ("source that cannot be read", "sources that cannot be read"),
    Count.SOURCE_PROBLEM: ("error in a source", "errors in sources"),
    Count.SOURCE_PUT_OFF: ("source put off", "sources put off"),
    Count.SOURCE_RECORDED: ("recorded source", "recorded sources"),
    Count.SOURCE_STALE_FORM: ("form renewed", "forms renewed"),
    Count.INCOMPLETE: ("source listed too little", "sources listed too little"),
    Count.LISTED: ("article listed", "articles listed"),
    Count.LISTED_RECENT: ("recent article listed", "recent articles listed"),
    Count.LISTED_KNOWN: ("known article left out", "known articles left out"),
    Count.LISTED_OUTSIDE: ("article outside the days left out", "articles outside the days left out"),
    Count.LISTED_OVER: ("article left for the next run", "articles left for the next run"),
    Count.LISTED_ARCHIVE: ("old article left out", "old articles left out"),
    Count.LISTED_HOSTILE: (
        "page passed over, as it costs too much to read",
        "pages passed over, as they cost too much to read",
    ),
    Count.DECLARED: ("article declared by the site", "articles declared by the site"),
    Count.DECLARED_LISTED: ("declared article listed", "declared articles listed"),
    Count.DECLARED_STORED: ("declared article stored", "declared articles stored"),
    Count.PAGE_ASKED: ("page asked for", "pages asked for"),
    Count.PAGE_ASKED_AGAIN: ("page asked for again", "pages asked for again"),
    Count.PAGE_FETCHED: ("page fetched", "pages fetched"),
    Count.PAGE_REFETCHED: ("page fetched twice", "pages fetched twice"),
    Count.PAGE_ARTICLE: ("page with an article", "pages with an article"),
    Count.PAGE_STUB: ("page with a part of an article", "pages with a part of an article"),
    Count.PAGE_REFUSED: ("page refused", "pages refused"),
    Count.PAGE_BLOCKED: ("page blocked", "pages blocked"),
    Count.PAGE_UNREACHABLE: ("page unreachable", "pages unreachable"),
    Count.PAGE_ERROR: ("page without an article", "pages without an article"),
    Count.PAGE_TRUNCATED: ("page cut off", "pages cut off"),
    Count.PAGE_HOSTILE: ("page too costly to read", "pages too costly to read"),
    Count.PAGE_REDIRECTED: ("page redirected", "pages redirected"),
    Count.PAGE_LOST: ("page never answered", "pages never answered"),
    Count.PAGE_GONE: ("page gone", "pages gone"),
    Count.PAGE_LISTING: ("page that is a list", "pages that are lists"),
    Count.PAGE_MEDIA: ("page of pictures or films", "pages of pictures or films"),
    Count.PAGE_NOARCHIVE: ("page that forbids archiving", "pages that forbid archiving"),
    Count.PAGE_UNCHANGED: ("page unchanged", "pages unchanged"),
    Count.ARTICLE_OFF_TOPIC: ("article off topic", "articles off topic"),
    Count.ARTICLE_OUTSIDE: ("article outside the days", "articles outside the days"),
    Count.ARTICLE_INVALID: ("article without title and text", "articles without title and text"),
    Count.FIELD_TITLE: ("article with a title", "articles with a title"),
    Count.FIELD_TEXT: ("article with a text", "articles with a text"),
    Count.FIELD_LEAD: ("article with a lead", "articles with a lead"),
    Count.FIELD_AUTHORS: ("article with authors", "articles with authors"),
    Count.FIELD_PUBLISHED_AT: ("article with a date", "articles with a date"),
    Count.REVISIT_DUE: ("revisit due", "revisits due"),
    Count.REVISIT_PRESENT: ("revisit found its article", "revisits found their articles"),
    Count.REVISIT_MISSING: ("article missing", "articles missing"),
    Count.REVISIT_UNWITNESSED: ("article missing, not sure", "articles missing, not sure"),
    Count.REVISIT_DOUBTFUL: ("revisit in doubt", "revisits in doubt"),
    Count.REVISIT_UNCLEAR: ("revisit without a result", "revisits without a result"),
    Count.REVISIT_PUT_OFF: ("revisit put off", "revisits put off"),
    Count.REVISIT_DROPPED: ("article no longer listed", "articles no longer listed"),
    Count.REVISIT_WITNESS: ("witness asked for", "witnesses asked for"),
    Count.REJECT_ADDRESS: (
        "request to a private address not sent",
        "requests to private addresses not sent",
    ),
    Count.REJECT_OFFSITE: ("request to another host not sent", "requests to other hosts not sent"),
    Count.REJECT_ROBOTS: (
        "request not sent because of robots.txt",
        "requests not sent because of robots.txt",
    ),
    Count.ROBOTS_CHANGED: ("changed robots.txt", "changed robots.txt"),
    Count.ROBOTS_COPY_USED: ("copy of robots.txt used", "copies of robots.txt used"),
    Count.WHY_BLOCKED: ("source behind a captcha or login", "sources behind a captcha or login"),
    Count.WHY_DNS: ("host without an address", "hosts without an address"),
    Count.WHY_GONE: ("source that does not exist", "sources that do not exist"),
    Count.WHY_ROBOTS: ("refusal by robots.txt", "refusals by robots.txt"),
    Count.WHY_UNREADABLE: ("feed that cannot be parsed", "feeds that cannot be parsed"),
    Count.ANSWERED: ("answer", "answers"),
    Count.NOT_RECORDED: ("answer not recorded", "answers not recorded"),
    Count.WAITED: ("request waited for its turn", "requests waited for their turn"),
    Count.PAUSED: ("pause asked for by the host", "pauses asked for by the host"),
}  # fmt: skip
"""The words for one and for several, in the order in which they are said."""

_ORDINARY = frozenset(
    {
        *(Count.ANSWERED, Count.WAITED, Count.LISTED, Count.LISTED_RECENT, Count.LISTED_KNOWN),
        *(Count.LISTED_OUTSIDE, Count.LISTED_ARCHIVE, Count.DECLARED_LISTED),
        *(Count.DECLARED_STORED, Count.PAGE_ASKED, Count.PAGE_ASKED_AGAIN, Count.PAGE_REFETCHED),
        *(Count.PAGE_ARTICLE, Count.PAGE_STUB, Count.PAGE_UNCHANGED, Count.ARTICLE_OUTSIDE),
        *(Count.FIELD_TITLE, Count.FIELD_TEXT, Count.FIELD_LEAD, Count.FIELD_AUTHORS),
        *(Count.FIELD_PUBLISHED_AT, Count.REVISIT_DUE, Count.REVISIT_WITNESS, Count.ROBOTS_CHANGED),
        *(Count.SOURCE_STALE_FORM, Count.SOURCE_RECORDED),
    }
)
"""What nearly every run counts. `nkwire runs --json` has it."""


def format_run_count(count: Count, number: int) -> str:
    """Returns one count in words: 1 page gone, 2 pages gone."""
    return f"{number:,} {RUN_COUNT_WORDS[count][number != 1]}"


def describe_run_counts(counts: Mapping[str, int]) -> str:
    """Returns what is of note in the counts of a run: 3 new, 2 sources answered. "" for nothing."""
    return ", ".join(
        format_run_count(count, number)
        for count in RUN_COUNT_WORDS
        if count not in _ORDINARY and (number := counts.get(count, 0))
    )
