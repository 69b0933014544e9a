"""Makes Scrapy's spiders from the declared outlets, so that `scrapy list` and `crawl` know them."""

import sys
from collections.abc import Mapping
from typing import Any, Self

from scrapy import Request
from scrapy.settings import BaseSettings

from crawler.errors import CrawlerError
from crawler.extract.urls import is_own_url
from crawler.outlet import Outlet
from crawler.registry import outlets
from crawler.spider import OutletSpider

Names = list[str]


class OutletLoader:
    """Scrapy's spider loader (SPIDER_LOADER_CLASS) for packages of outlets, SPIDER_MODULES."""

    def __init__(self, declared: Mapping[str, type[Outlet]]) -> None:
        self._declared = declared

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Makes the loader. Raises what a faulty declaration raises.

        The `scrapy` command ends with one line and code 2 instead.
        """
        packages = settings.getlist("SPIDER_MODULES")
        try:
            declared = [outlets(package) for package in packages]
        except CrawlerError as error:
            if "scrapy.cmdline" not in sys.modules:
                raise
            print(f"scrapy: {error}", file=sys.stderr)  # noqa: T201 - no logging yet
            sys.exit(error.exit_code)
        return cls({name: each for found in declared for name, each in found.items()})

    def load(self, spider_name: str) -> type[OutletSpider]:
        """Returns the class of an outlet's spider. Raises KeyError for an unknown name."""
        if spider_name not in self._declared:
            raise KeyError(f"Spider not found: {spider_name}")
        return spider_class(self._declared[spider_name])

    def list(self) -> Names:
        """Returns the names of the outlets."""
        return list(self._declared)

    def find_by_request(self, request: Request) -> Names:
        """Returns the names of the outlets that read the request's address."""
        return [
            name for name, outlet in self._declared.items() if is_own_url(request.url, outlet.hosts)
        ]


def spider_class(
    outlet: type[Outlet], base: type[OutletSpider] = OutletSpider, **attributes: Any
) -> type[OutletSpider]:
    """Returns a class of spiders that crawl the outlet: a subclass of `base` with `attributes`."""
    body = {
        "__doc__": outlet.__doc__,
        "__module__": outlet.__module__,  # `scrapy edit` opens the module's file
        "name": outlet.name,
        "outlet": outlet,
        **attributes,
    }
    return type(outlet.__name__, (base,), body)
