"""`scrapy genspider NAME DOMAIN`, the old name of `nkwire outlet new`."""

from crawler.authoring.moved import MovedCommand


class Command(MovedCommand):
    """Calls the new command."""

    new_name = "new"
