"""Asks hosts of outlets for their robots.txt, one request each, in a process that can be killed.

The request goes the way of every request of a crawl: the same name resolution, address guard, TLS,
limits and user agent. A name server that does not answer can hold up a process for minutes, so the
process that asks is another one, and has a deadline.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.processes.fork_server import PROJECT_ROOT

if TYPE_CHECKING:
    from crawler.outlet import Outlet

_CODE = "import sys; sys.path.insert(0, {root!r}); from {module} import main; main()"
_SETTINGS: Mapping[str, Any] = {
    "DNS_TIMEOUT": 6,
    "DOWNLOAD_TIMEOUT": 8,
    "RETRY_ENABLED": False,
    "REDIRECT_ENABLED": False,  # a redirect would be a second request
    "LOG_ENABLED": False,
}


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """What a host answered to the request for its robots.txt.

    `status`: of HTTP, 0 if there was no answer; `problem`: then says why, and `is_dns` whether the
    name has no address. `date`, `age`: headers, "" if they are missing. `received_at`:
    seconds since 1970 by our clock. `forbidden`: the sources of the outlet that robots.txt forbids,
    of `sources`.
    """

    outlet: str
    host: str
    status: int = 0
    problem: str = ""
    is_dns: bool = False
    date: str = ""
    age: str = ""
    received_at: float = 0.0
    forbidden: tuple[str, ...] = ()
    sources: int = 0


def choose_hosts(outlets: "Iterable[type[Outlet]]", number: int) -> dict[str, str]:
    """Returns by name outlets to ask, with their hosts: agencies first, of different countries.

    No host is chosen twice.
    """
    ranked = sorted(outlets, key=lambda outlet: (outlet.agency_rank, outlet.name))
    seen_countries: set[str] = set()
    first: list[type[Outlet]] = []
    others: list[type[Outlet]] = []
    for outlet in ranked:
        (others if outlet.country in seen_countries else first).append(outlet)
        seen_countries.add(outlet.country)
    chosen: dict[str, str] = {}
    for outlet in (*first, *others):
        origin = _origin(outlet)
        if len(chosen) < number and origin and urlsplit(origin).netloc not in chosen.values():
            chosen[outlet.name] = urlsplit(origin).netloc
    return chosen


def start_probe(names: Sequence[str], seconds: float) -> "subprocess.Popen[str]":
    """Starts the process that asks the hosts of these outlets, and ends after some seconds.

    Raises OSError if no process can be started.
    """
    code = _CODE.format(root=str(PROJECT_ROOT), module=__name__)
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code, str(seconds), *names],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def read_answers(
    probe: "subprocess.Popen[str]", hosts: Mapping[str, str], seconds: float
) -> list[HostAnswer]:
    """Returns what each host answered within some seconds, in the order of `hosts`; ends the probe.

    `hosts`: by the name of their outlet. A host without an answer has a `problem`.
    """
    lines, silence = "", "the process that asks ended without an answer"
    try:
        lines, _ = probe.communicate(timeout=max(0.1, seconds))
    except subprocess.TimeoutExpired as error:
        written = error.stdout or b""
        lines = written.decode() if isinstance(written, bytes) else written
        silence = "no answer in time; maybe the name server does not answer"
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(probe.pid, signal.SIGKILL)
        probe.communicate()
    if probe.returncode == -signal.SIGALRM:
        silence = "no answer in time; maybe the name server does not answer"
    answers = {each.outlet: each for each in _parse(lines)}
    return [
        answers.get(name) or HostAnswer(name, host, problem=silence) for name, host in hosts.items()
    ]


def _parse(lines: str) -> Iterator[HostAnswer]:
    for line in lines.splitlines():
        with suppress(ValueError, TypeError, AttributeError):  # the last line may be cut
            values = json.loads(line)
            yield HostAnswer(**values | {"forbidden": tuple(values["forbidden"])})


def main() -> None:
    """Asks the hosts of the outlets among the arguments; prints one JSON object for each."""
    seconds, *names = sys.argv[1:]
    signal.setitimer(signal.ITIMER_REAL, float(seconds))  # SIGALRM ends the process, whatever hangs
    asyncio.set_event_loop(asyncio.new_event_loop())
    _ask(names)


def _ask(names: Sequence[str]) -> None:
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.crawl.options import CrawlOptions
    from crawler.crawl.session import Session
    from crawler.processes.run import crawl_settings, find_outlet
    from crawler.spider_loader import spider_class

    options = CrawlOptions(home=Path(os.devnull), dry_run=True, limit=0, settings={})
    process = AsyncCrawlerProcess(crawl_settings(options, _SETTINGS))
    base = _make_spider_class(set(names))
    for name in names:
        outlet = find_outlet(name)
        process.crawl(spider_class(outlet, base), session=Session(outlet, options))
    process.start()


def _make_spider_class(unanswered: set[str]) -> Any:
    """Returns the spider: Scrapy is loaded only in the process that asks.

    The process ends with the last answer, as a name server that hangs would hold up its threads.
    """
    import scrapy
    from scrapy.http import Request, Response
    from scrapy.settings import BaseSettings

    from crawler.crawl.causes import FailureKind, explain_failure, failure_kind
    from crawler.spider import OutletSpider

    class HostSpider(OutletSpider):
        """Asks for robots.txt and nothing else."""

        @classmethod
        def update_settings(cls, settings: BaseSettings) -> None:
            scrapy.Spider.update_settings.__func__(cls, settings)  # type: ignore[attr-defined]

        async def start(self) -> AsyncIterator[Request]:
            yield Request(
                f"{_origin(self.outlet)}/robots.txt",
                callback=self.answered,
                errback=self.failed,
                meta={"is_robots": True},
                dont_filter=True,
            )

        async def plan_requests(self) -> Iterable[Request]:
            return ()

        async def plan_witnesses(self) -> Iterable[Request]:
            return ()

        def answered(self, response: Response) -> None:
            headers = {
                name: response.headers.get(name, b"").decode("latin-1")  # type: ignore[union-attr]
                for name in ("date", "age")
            }
            _print(
                self.outlet,
                status=response.status,
                received_at=time.time(),
                forbidden=_forbidden(
                    response.status,
                    response.body,
                    self.outlet,
                    self.settings["ROBOTSTXT_USER_AGENT"],
                ),
                **headers,
            )
            self.end_after_last()

        def failed(self, failure: Any) -> None:
            kind = failure_kind(failure.value)
            _print(
                self.outlet,
                problem=explain_failure(failure.value)[1],
                is_dns=kind is FailureKind.DNS,
            )
            self.end_after_last()

        def end_after_last(self) -> None:
            unanswered.discard(self.outlet.name)
            if not unanswered:
                os._exit(0)

    return HostSpider


def _print(outlet: "type[Outlet]", **values: Any) -> None:
    host = urlsplit(_origin(outlet)).netloc
    answer = HostAnswer(outlet.name, host, sources=len(_source_urls(outlet)), **values)
    print(json.dumps(asdict(answer)), flush=True)  # noqa: T201 - to the process that waits


def _forbidden(
    status: int, body: bytes, outlet: "type[Outlet]", user_agent: str
) -> tuple[str, ...]:
    """Returns the sources on this host that its robots.txt forbids to us (RFC 9309)."""
    from scrapy.robotstxt import ProtegoRobotParser

    if not 200 <= status < 300:
        return ()
    parser = ProtegoRobotParser(body, None)
    origin = _origin(outlet)
    own = [url for url in _source_urls(outlet) if url.startswith(f"{origin}/")]
    return tuple(url for url in own if not parser.allowed(url, user_agent))


def _source_urls(outlet: "type[Outlet]") -> list[str]:
    return [source.url for source in outlet.sources if source.until is None]


def _origin(outlet: "type[Outlet]") -> str:
    """Returns scheme and host of the outlet's first source; "" if it has none today."""
    for url in _source_urls(outlet):
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"
    return ""
