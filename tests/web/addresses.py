"""A sample address of each page, by the name of the page, for tests that sweep over all of them.

Words in braces are ids of the invented press of `nkwire demo --web`: see `sample_ids`.
"""

from collections.abc import Mapping

from storage import Database
from storage.reports.carriage import load_carriage

ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "about": ("/about",),
    "api": ("/api",),
    "article": ("/articles/{original}", "/articles/{gone}", "/articles/{stub}"),
    "change": ("/changes/{change}",),
    "changes": ("/changes", "/changes?boring=1&outlet=agency"),
    "compare": ("/compare/{original}/{edited}", "/compare/{original}/{retold}"),
    "compare-choice": ("/compare?a={original}&b={edited}",),
    "day": ("/days/{day}", "/days/{day}?outlet=agency&copies=1", "/days/1999-01-01"),
    "decisions": ("/decisions",),
    "diff": ("/diff/{old}/{new}",),
    "diff-choice": ("/diff?old={old}&new={new}",),
    "export": ("/export", "/export?outlet=agency"),
    "graph": ("/graph/r{report}",),
    "latency": ("/latency",),
    "outlet": ("/outlets/agency", "/outlets/danube-courier"),
    "outlets": ("/outlets", "/outlets?state=broken"),
    "report": ("/reports/{report}", "/reports/{report}?a={original}&b={edited}"),
    "reports": ("/reports", "/reports?order=outlets&outlets=5"),
    "search": ("/search?q=Sinuiju", "/search?q=nothinglikethis", "/search"),
    "split": ("/decisions/split?article={edited}",),
    "stories": ("/stories",),
    "story": ("/stories/{story}",),
    "timeline": ("/timeline", "/timeline?q=Sinuiju"),
    "today": ("/", "/?by=seen&language=ko"),
}


def sample_ids(database: Database) -> dict[str, str]:
    """The ids that the addresses name, as texts."""

    def article(key: str) -> int:
        return database.articles.find(key)[0]

    original = article("statement-en")
    first, second = database.articles.versions(original)[:2]
    reports = {each.lead.article_id: each.id for each in load_carriage(database, min_outlets=2)}
    change = next(each for each in database.changes.iter(boring=True) if each.outlet == "mapo-ilbo")
    row = database.articles.get(original)
    assert row.published_at is not None
    ids: dict[str, object] = {
        "original": original,
        "edited": article("statement-yalu"),
        "retold": article("statement-harbour"),
        "gone": article("others-envoy"),
        "stub": article("others-stub"),
        "old": first.id,
        "new": second.id,
        "report": reports[original],
        "story": row.story_id,
        "change": change.id,
        "day": row.published_at.date(),
    }
    return {name: str(value) for name, value in ids.items()}


def addresses(ids: Mapping[str, str], most: int | None = None) -> list[str]:
    """Addresses of pages that exist, in order of their names. `most`: of each page, None for all."""
    from web.pages.registry import PAGES

    known = {page.name for page in PAGES}
    return [
        each.format_map(ids)
        for name, samples in sorted(ADDRESSES.items())
        if name in known
        for each in samples[:most]
    ]
