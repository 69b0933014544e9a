"""What a single run says of its outlet, read from its counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from storage.records import Run, RunOutcome

MIN_LISTING_PAGES = 3  # pages that are listings where articles were expected


class HealthCause(StrEnum):
    """What is wrong with an outlet that is degraded or broken."""

    DNS = "dns"
    UNREACHABLE = "unreachable"  # no connection, timeout, 5xx
    REFUSED = "refused"  # 401, 403, 429, 451
    ROBOTS = "robots"
    BLOCKED = "blocked"  # a captcha, consent or login page in place of what was asked for
    GONE = "gone"  # a source is not there any more
    LAYOUT = "layout"  # answers come, and what is looked for is not in them
    PARSE = "parse"  # answers that cannot be read, exceptions while reading
    SILENT = "silent"  # nothing new for much longer than ever before
    CRASHED = "crashed"  # runs past their deadline or memory, or killed
    LOST = "lost"  # articles could not be stored


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """What one run says. `sources`, `pages`: None no evidence, "" good, else what is wrong."""

    run: Run
    sources: HealthCause | str | None = None
    pages: HealthCause | str | None = None

    @property
    def failure(self) -> HealthCause | None:
        """What the run failed at."""
        return next(
            (each for each in (self.sources, self.pages) if isinstance(each, HealthCause)), None
        )

    def count(self, name: str) -> int:
        """One of the run's counts."""
        return self.run.counts.get(name, 0)

    @property
    def articles_read(self) -> int:
        """Articles read of new pages."""
        return self.count("page.article") + self.count("page.stub")

    @property
    def lists_all_sources(self) -> bool:
        """Whether the number of its links is that of all the outlet's sources."""
        missed = ("source.unchanged", "source.refused", "source.unreachable", "source.error")
        answered = self.sources == "" and self.count("source.ok") > 0
        return answered and not any(map(self.count, missed))

    @property
    def is_stale(self) -> bool:
        """Whether the sources listed articles, but of late fewer than the outlet declares."""
        listed = self.sources == "" and self.count("listed") > 0
        return self.run.outcome is RunOutcome.EMPTY and listed and self.pages is None


def interpret_run(run: Run) -> RunEvidence | None:
    """What a run says of its outlet; None while it runs, where it was stopped, asked for a part, or
    could reach nothing at all.
    """
    if run.outcome is None or run.kind != "crawl" or run.is_selective or run.is_own_network:
        return None
    if run.outcome is RunOutcome.KILLED:
        return (
            None if run.is_cut_off else RunEvidence(run, HealthCause.CRASHED, HealthCause.CRASHED)
        )
    if run.counts.get("lost"):
        return RunEvidence(run, None, HealthCause.LOST)
    if run.outcome is RunOutcome.FAILED and not run.counts.get("exceptions"):
        lost = "database" in run.cause
        return RunEvidence(run, HealthCause.LOST if lost else HealthCause.CRASHED)
    return RunEvidence(run, _source_failure(run), _page_failure(run))


def _source_failure(run: Run) -> HealthCause | str | None:
    counts = run.counts
    answered = counts.get("source.ok", 0) + counts.get("source.unchanged", 0)
    failed = sum(counts.get(f"source.{how}", 0) for how in ("refused", "unreachable", "error"))
    if not answered:
        unread = HealthCause.PARSE if counts.get("exceptions") else None
        return fetch_failure_cause(counts, "source") if failed else unread
    if run.outcome is RunOutcome.EMPTY and not counts.get("listed"):
        return HealthCause.PARSE if counts.get("why.unreadable") else HealthCause.LAYOUT
    return ""


def _page_failure(run: Run) -> HealthCause | str | None:
    counts = run.counts
    read = counts.get("page.article", 0) + counts.get("page.stub", 0)
    if read:
        return ""
    if any(counts.get(f"page.{how}") for how in ("refused", "blocked", "unreachable")):
        return fetch_failure_cause(counts, "page")
    if counts.get("exceptions"):
        return HealthCause.PARSE
    unread = counts.get("page.error", 0) + counts.get("page.truncated", 0)
    if unread or counts.get("page.listing", 0) >= MIN_LISTING_PAGES:
        return HealthCause.LAYOUT
    return HealthCause.REFUSED if run.outcome is RunOutcome.REFUSED else None


def fetch_failure_cause(counts: Mapping[str, int], kind: str) -> HealthCause:
    """Why no `source`, or no `page`, could be had: what befell most of them."""
    refused, unreachable, blocked = (
        counts.get(f"{kind}.{how}", 0) for how in ("refused", "unreachable", "blocked")
    )
    dns, robots = counts.get("why.dns", 0), counts.get("why.robots", 0)
    blocked += counts.get("why.blocked", 0)
    failed = max(refused, unreachable)
    if dns and 2 * dns >= failed:
        return HealthCause.DNS
    if robots and 2 * robots >= failed:
        return HealthCause.ROBOTS
    if blocked and blocked >= failed:
        return HealthCause.BLOCKED
    if failed:
        return HealthCause.REFUSED if refused >= unreachable else HealthCause.UNREACHABLE
    return HealthCause.GONE if counts.get("why.gone") else HealthCause.PARSE
