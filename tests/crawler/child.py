"""What the tests run in child processes: an event loop can be started once in a process."""

import gc
import importlib
import os
import resource
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from scrapy import Request, resolver
from scrapy.cmdline import execute
from scrapy.utils.datatypes import LocalCache
from twisted.internet._resolver import GAIResolver

from cli.app import run
from crawler import settings as project
from crawler import trial
from crawler.authoring.check import OutletCheck, check_outlets
from crawler.crawl import page_feeder
from crawler.crawl.options import CrawlOptions
from crawler.extract.page.page import Page
from crawler.outlet import Outlet
from crawler.processes.run import crawl, ingest
from storage.records import Article, Run
from tests.captured import captured


def outlet_of(declaration: Mapping[str, Any]) -> type[Outlet]:
    """An outlet's class from its declaration, which crosses a process border as a class cannot."""
    return type("Local", (Outlet,), {"__doc__": "A local outlet.", **declaration})


def run_crawl(declaration: Mapping[str, Any] | str, options: CrawlOptions) -> Run:
    if isinstance(declaration, str):
        return crawl(declaration, options)
    return crawl(outlet_of(declaration), options)


def crawl_with_names(
    declaration: Mapping[str, Any], options: CrawlOptions, names: Mapping[str, list[str]]
) -> Run:
    """A crawl that remembers no name; each resolves to its addresses in turn, the last for ever."""
    given = {name: list(addresses) for name, addresses in names.items()}

    def look_up(host: str, *rest: Any) -> Any:
        addresses = given.get(host, [host])
        return socket.getaddrinfo(addresses.pop(0) if len(addresses) > 1 else addresses[0], *rest)

    def start(each: GAIResolver, reactor: Any, get_thread_pool: Any = None) -> None:
        original(each, reactor, get_thread_pool, look_up)

    class Forgetful(LocalCache[str, Any]):
        def __setitem__(self, *_: Any) -> None:
            pass

    resolver.dnscache = Forgetful()
    original: Any = GAIResolver.__init__
    GAIResolver.__init__ = start  # type: ignore[method-assign,assignment]
    return run_crawl(declaration, options)


def run_measured_crawl(
    declaration: Mapping[str, Any], options: CrawlOptions, seconds: float = trial.CPU_SECONDS
) -> tuple[Run, float, int]:
    """A crawl, its CPU in seconds with that of its children, and its peak memory in bytes.

    `seconds`: the CPU that a trial may take.
    """
    before = trial.CPU_SECONDS
    trial.CPU_SECONDS = seconds
    try:
        run = crawl(outlet_of(declaration), options)
    finally:
        trial.CPU_SECONDS = before
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = sum(each.ru_utime + each.ru_stime for each in (own, children))
    return run, cpu, max(own.ru_maxrss, children.ru_maxrss) << 10


def crawl_that_dies(declaration: Mapping[str, Any], options: CrawlOptions) -> Run:
    """A crawl that ends at once while it reads a page whose address ends in 2."""

    def finish(cls: type[Outlet], page: Page, article: Article) -> Article:
        if article.url.endswith("2") and os.getpid() == crawler_pid:
            os.kill(crawler_pid, signal.SIGKILL)
        return article

    crawler_pid = os.getpid()
    return crawl(outlet_of({**declaration, "finish": classmethod(finish)}), options)


def run_ingest(files: list[Path], options: CrawlOptions) -> list[Run]:
    return ingest(files, options)


def sockets_listening() -> list[str]:
    """Local addresses that this process listens on (Linux)."""
    own = {_target(entry) for entry in Path("/proc/self/fd").iterdir()}
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                listening.append(fields[1])
    return listening


def _target(entry: Path) -> str:
    try:
        return str(entry.readlink())
    except OSError:
        return ""


def sockets_during_crawl(declaration: Mapping[str, Any], options: CrawlOptions) -> list[str]:
    """What the process listens on while an article is handed on."""
    seen: list[str] = []
    run_crawl(declaration, replace(options, on_article=lambda _: seen.extend(sockets_listening())))
    return seen


def crawl_and_peak_memory(declaration: Mapping[str, Any], options: CrawlOptions) -> tuple[Run, int]:
    """A crawl, and the most memory in bytes that the process held (Linux)."""
    run = run_crawl(declaration, options)
    (line,) = (x for x in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in x)
    return run, int(line.split()[1]) * 1024


def pages_kept_during_crawl(
    declaration: Mapping[str, Any], options: CrawlOptions
) -> tuple[Run, int]:
    """A crawl that hands over few pages at a time, and how many were in memory at most."""
    kept: list[int] = []

    def look(_: Article) -> None:
        requests = (each for each in gc.get_objects() if isinstance(each, Request))
        kept.append(sum("hashed" in each.meta for each in requests))

    before = page_feeder.MAX_QUEUED
    page_feeder.MAX_QUEUED = 5
    try:
        run = run_crawl(declaration, replace(options, on_article=look))
    finally:
        page_feeder.MAX_QUEUED = before
    return run, max(kept)


def crawl_that_raises(declaration: Mapping[str, Any], options: CrawlOptions) -> Run:
    """A crawl whose outlet has a fault that one page brings out."""

    def finish(cls: type[Outlet], page: Page, article: Article) -> Article:
        if article.url.endswith("2"):
            raise RuntimeError("planned")
        return article

    return crawl(outlet_of({**declaration, "finish": classmethod(finish)}), options)


def problems_of_ingest(files: list[Path], options: CrawlOptions) -> list[str]:
    """The lines that an ingest tells of its files."""
    told: list[str] = []
    ingest(files, replace(options, on_problem=told.append))
    return told


def run_check(
    declaration: Mapping[str, Any], home: Path, settings: Mapping[str, Any]
) -> OutletCheck:
    """Check a declared outlet; the report of one."""
    return check_outlets([outlet_of(declaration)], home, settings)[0]


def run_program(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> CompletedProcess[str]:
    """A command line of ours or of Scrapy's in the checkout, and what it wrote."""
    os.chdir(Path(__file__).parents[2])
    os.environ.update(environment)
    importlib.reload(project)  # the environment is read when it is loaded
    Outlet.delay = 0.001  # the host is our own
    entry = execute if arguments[0] == "scrapy" else lambda given: run(given[1:])
    return captured(lambda: entry([*arguments]), arguments, folder)
