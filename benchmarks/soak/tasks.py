"""The task of the soak's child processes."""

import json
import os
import time
from dataclasses import replace
from typing import Any

from benchmarks.soak import mock_press
from benchmarks.soak.outlets import make_outlet, soak_folder
from cli.logs import configure_child_logging
from crawler.crawl.options import CrawlOptions
from crawler.processes.run import crawl as crawl_outlet
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


def crawl(outlet: str, options: CrawlOptions) -> Run:
    """Records the start of the run in a file, so outside the database, and crawls the outlet."""
    line = {"outlet": outlet, "slot": str(options.slot_at), "pid": os.getpid(), "at": time.time()}
    folder = soak_folder()
    with (folder / "begun.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    while not (folder / "port").exists():
        time.sleep(0.05)
    plan = mock_press.read_plan(folder / "plan.json")
    port = (folder / "port").read_text()
    hosts = [f"{mock_press.outlet_host(n)}=127.0.0.1:{port}" for n in range(plan.outlets)]
    options = replace(options, settings={**options.settings, **SETTINGS, "NKWIRE_RESOLVE": hosts})
    configure_child_logging(options.settings, outlet)
    return crawl_outlet(make_outlet(plan, int(outlet[-2:])), options)
