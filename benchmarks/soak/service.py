"""One scheduler of the soak: `python -m benchmarks.soak.service URL PARALLEL`."""

import asyncio
import sys

from benchmarks.soak.outlets import planned_outlets
from cli.service.service import Service
from crawler.config.config import load_config
from crawler.processes.children import ProcessLimits


def main() -> int:
    """Runs a scheduler until stopped."""
    limits = ProcessLimits(parallel=int(sys.argv[2]), deadline=60, grace=2)
    service = Service(
        sys.argv[1], load_config(), limits, "benchmarks.soak.tasks:crawl", planned_outlets()
    )
    return asyncio.run(service.serve())


if __name__ == "__main__":
    sys.exit(main())
