"""What the tests run in child processes: an event loop can be started once in a process."""

import importlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from scrapy.cmdline import execute

from cli.app import run
from crawler import settings as project
from crawler.authoring.check import OutletCheck, check_outlets
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
