"""What was a command of Scrapy's and is now one of nkwire's: it says so, and calls the new one."""

import runpy
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import ClassVar

from scrapy.commands import ScrapyCommand


class MovedCommand(ScrapyCommand):
    """Base class of the old commands.

    `new_name`: of the command of `nkwire outlet`; `new_options`: its options by their old names.
    """

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}
    new_name: ClassVar[str]
    new_options: ClassVar[Mapping[str, str]] = {}

    def short_desc(self) -> str:
        return f"Is now `nkwire outlet {self.new_name}`"

    def add_options(self, parser: ArgumentParser) -> None:
        super().add_options(parser)
        for old, new in self.new_options.items():
            parser.add_argument(old, dest=new, default="")

    def run(self, args: list[str], opts: Namespace) -> None:
        """Calls the new command, which ends the process."""
        notice = f"this command is now `nkwire outlet {self.new_name}`"
        print(notice, file=sys.stderr)  # noqa: T201 - logging is off
        given = {new: getattr(opts, new) for new in self.new_options.values()}
        options = [f"{new}={value}" for new, value in given.items() if value]
        sys.argv[1:] = ["outlet", self.new_name, *options, "--", *args]
        # By its name, because `crawler` does not import the packages above it.
        runpy.run_module("nkwire", run_name="__main__")
