"""The options of a crawl, and the progress that it reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.records import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state of a run at one moment.

    `counts`: by cause, see docs/crawling.md; `doing`: the URL in work.
    """

    outlet: str
    seconds: float
    counts: Mapping[str, int]
    doing: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """How to run a crawl or an ingest.

    - `home`: the folder of recordings and caches.
    - `database_url`: "" means SQLite below `home`.
    - `seed`: of the signatures of a new database; None draws one.
    - `since`, `until`: aware; articles published outside are left out.
    - `limit`: the largest number of article pages.
    - `dry_run`: fetches and reads, but stores nothing.
    - `replay`: WARC files that answer instead of the network.
    - `keep_all`: turns off the outlet's topic filter.
    - `topic`: turns on a topic filter where the outlet has none.
    - `recheck`: fetches known articles too.
    - `progress`: called a few times a second, in the crawl's process.
    - `on_article`: called for each article, in the crawl's process.
    - `on_problem`: called with one line for each part of an input that cannot be read.
    - `stat_file`: gets the same progress as JSON, about once a second.
    - `settings`: Scrapy settings that override all others.
    - `slot_at`: the slot of the schedule that the run serves; `missed`: slots just before it that
      no scheduler took.
    - `owner`: who starts the run (`storage.records.Run`); "" is a person.
    - `job`: the job that the run does for a worker.
    """

    home: Path
    database_url: str = field(default="", repr=False)
    seed: int | None = field(default=None, repr=False)
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    dry_run: bool = False
    replay: Path | tuple[Path, ...] | None = None
    keep_all: bool = False
    topic: bool = False
    recheck: bool = False
    progress: Callable[[Progress], None] | None = None
    on_article: Callable[[Article], None] | None = None
    on_problem: Callable[[str], None] | None = None
    stat_file: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    slot_at: datetime | None = None
    missed: int = 0
    owner: str = ""
    job: int | None = None

    @property
    def replay_files(self) -> tuple[Path, ...]:
        """The WARC files that answer; none if the network does."""
        if self.replay is None:
            return ()
        return (self.replay,) if isinstance(self.replay, Path) else tuple(self.replay)
