"""The invented outlets of the soak. The plan in its folder says how many there are."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from benchmarks.soak import mock_press
from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Feed, JsonListing, Listing, NewsSitemap, Source

FOLDER_VARIABLE = "SOAK_FOLDER"


def soak_folder() -> Path:
    """Returns the folder that all hosts of a soak share. Each has a home of its own besides."""
    return Path(os.environ[FOLDER_VARIABLE])


def planned_outlets() -> Mapping[str, type[Outlet]]:
    """Returns the outlets of the plan, by name."""
    plan = mock_press.read_plan(soak_folder() / "plan.json")
    outlets = [make_outlet(plan, number) for number in range(plan.outlets)]
    return {outlet.name: outlet for outlet in outlets}


def make_outlet(plan: mock_press.Plan, number: int) -> type[Outlet]:
    """Returns one invented outlet."""
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
    return type("Invented", (Outlet,), body)


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
