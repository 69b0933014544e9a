"""The tasks of the soak's child processes. The plan in NKWIRE_HOME declares their outlets."""

import json
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.soak import mock_press
from cli.logs import configure_child_logging
from crawler.crawl.options import CrawlOptions
from crawler.declaration import Expect
from crawler.extract.page.rules import Rules
from crawler.outlet import OutletSpider
from crawler.processes.run import crawl as crawl_outlet
from crawler.sources import Feed, JsonListing, Listing, NewsSitemap, Source
from storage.records import Run

# An interval of hours between two polls becomes as many seconds.
HOUR_TO_SECOND_FACTOR = 1 / 3600
SETTINGS: dict[str, Any] = {
    "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"],
    "NKWIRE_ASK_AGAIN": [(24, 10 * HOUR_TO_SECOND_FACTOR)],
    "NKWIRE_RETRY_AFTER": 0.2,
    "NKWIRE_LONGEST_WAIT": 5.0,
    "DOWNLOAD_TIMEOUT": 3,
    "RETRY_TIMES": 1,
    "LOG_LEVEL": "ERROR",
}


def make_outlet(plan: mock_press.Plan, number: int) -> type[OutletSpider]:
    """Returns the spider class of one invented outlet."""
    body = {
        "__doc__": "An invented outlet.",
        "__module__": __name__,
        "name": mock_press.outlet_name(number),
        "every": timedelta(seconds=plan.every * (0.8 + 0.4 * (number % 5) / 4)),
        "languages": ("en",),
        "country": "US",
        "timezone": "UTC",
        "hosts": (mock_press.outlet_host(number), "127.0.0.1"),
        "rights": "full",
        "rights_note": "invented",
        "delay": 0.02,
        "expect": Expect(min_items=1),
        "agency_rank": 9 if number else 0,
        "sources": (_source(number),),
        "article": r"/news/\d+$",
        "key": r"/news/(\d+)$",
        "rules": (Rules(title="h1", body="article p"),),
    }
    return type("Invented", (OutletSpider,), body)


def _source(number: int) -> Source:
    url = f"http://{mock_press.outlet_host(number)}/source"
    match mock_press.listing_kind(number):
        case "listing":
            return Listing(url, item="li.row", date="time")
        case "sitemap":
            return NewsSitemap(url)
        case "json":
            return JsonListing(url, items="rows", date="date")
    return Feed(url, trust_validators=False)


def home() -> Path:
    """Returns the folder NKWIRE_HOME."""
    return Path(os.environ["NKWIRE_HOME"])


def crawl(outlet: str, options: CrawlOptions) -> Run:
    """Records the start of the run in a file, so outside the database, and crawls the outlet."""
    line = {"outlet": outlet, "slot": str(options.slot_at), "pid": os.getpid(), "at": time.time()}
    with (home() / "begun.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    while not (home() / "port").exists():
        time.sleep(0.05)
    plan = mock_press.read_plan(home() / "plan.json")
    port = (home() / "port").read_text()
    hosts = [f"{mock_press.outlet_host(n)}=127.0.0.1:{port}" for n in range(plan.outlets)]
    options = replace(options, settings={**options.settings, **SETTINGS, "NKWIRE_RESOLVE": hosts})
    configure_child_logging(options.settings, outlet)
    return crawl_outlet(make_outlet(plan, int(outlet[-2:])), options)


def crawl_roster() -> list[dict[str, Any]]:
    """Returns the fields of the invented outlets that the schedule needs."""
    plan = mock_press.read_plan(home() / "plan.json")
    outlets = [make_outlet(plan, number) for number in range(plan.outlets)]
    return [
        {
            "outlet": each.name,
            "every": each.every.total_seconds(),
            "browser": False,
            "between": [bound.total_seconds() for bound in each.poll_interval_range()],
            "rank": each.agency_rank,
        }
        for each in outlets
    ]
