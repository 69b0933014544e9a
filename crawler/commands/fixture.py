"""`scrapy fixture OUTLET URL|FILE`, the old name of `nkwire outlet sample`."""

from typing import ClassVar

from crawler.authoring.moved import MovedCommand


class Command(MovedCommand):
    """Calls the new command."""

    new_name = "sample"
    new_options: ClassVar = {"--url": "--url", "--slug": "--slug", "--out": "--folder"}
