"""`scrapy crawl OUTLET`: as Scrapy's, and says in one line what is wrong with its arguments."""

import sys
from argparse import Namespace
from pathlib import Path

from scrapy.commands.crawl import Command as ScrapyCrawl

from crawler.chosen import UnknownOutletError
from crawler.config.config import sqlite_url
from crawler.crawl.session import database_url_of, parse_arguments, seed_of
from crawler.registry import outlets
from dedup.errors import NkwireError
from storage import open_database
from storage.wording.similar_names import hint_at_similar


class Command(ScrapyCrawl):
    """Checks the outlet's name, the `-a` arguments and the database before the crawl begins."""

    def run(self, args: list[str], opts: Namespace) -> None:
        """Crawls, or ends the process with code 2 or 4 and one line."""
        try:
            for name in args[:1]:
                _check_outlet(name)
            parse_arguments(opts.spargs)
            assert self.settings is not None
            home = Path(self.settings["NKWIRE_HOME"])
            url = database_url_of(self.settings) or sqlite_url(home)
            open_database(url, seed=seed_of(self.settings), patience=20).close()
        except NkwireError as error:
            print(f"scrapy: {error}", file=sys.stderr)  # noqa: T201 - not a record of the crawl
            sys.exit(error.exit_code)
        super().run(args, opts)


def _check_outlet(name: str) -> None:
    if name not in outlets():
        hint = hint_at_similar(name, outlets(), "see `scrapy list`")
        raise UnknownOutletError(f"no outlet {name!r}: {hint}")
