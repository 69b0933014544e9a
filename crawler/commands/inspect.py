"""`scrapy inspect URL|FILE`, the old name of `nkwire outlet inspect`."""

from typing import ClassVar

from crawler.authoring.moved import MovedCommand


class Command(MovedCommand):
    """Calls the new command."""

    new_name = "inspect"
    new_options: ClassVar = {"--url": "--url", "--outlet": "--outlet"}
