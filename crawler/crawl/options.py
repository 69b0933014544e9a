"""What one crawl is asked to do, and what it tells while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.records import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of a run. `counts`: by cause, see docs/crawling.md; `doing`: the last address."""

    outlet: str
    seconds: float
    counts: Mapping[str, int]
    doing: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """How to run a crawl or an ingest.

    `database_url` "" is SQLite below `home`. `since`, `until`: aware; articles published outside are
    left out. `limit`: at most so many article pages. `dry_run`: fetch and read, keep nothing.
    `replay`: answer from these WARC files, not from the network. `keep_all`: without the outlet's
    topic filter; `topic`: with one, also where the outlet has none. `recheck`: also fetch what is
    known. `progress`, `on_article`: called in the crawl's process, at most a few times a second and
    for each article read. `on_problem`: one line for what cannot be read of an input. `stat_file`: the same progress as JSON, replaced each second.
    `settings`: Scrapy settings that win over all others. `slot_at`: the time of the schedule that the
    run is for.
    """

    database_url: str = ""
    home: Path = Path("data")
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

    @property
    def replay_files(self) -> tuple[Path, ...]:
        """The WARC files to answer from, none for the network."""
        if self.replay is None:
            return ()
        return (self.replay,) if isinstance(self.replay, Path) else tuple(self.replay)

    def resolved_database_url(self) -> str:
        """The database asked for, else SQLite below `home`."""
        return self.database_url or f"sqlite:///{(self.home / 'nkwire.db').as_posix()}"
