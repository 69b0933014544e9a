"""Formats log lines so that a page cannot forge them, and without whole articles."""

import logging
from typing import Any

from scrapy import logformatter
from scrapy.exceptions import DropItem
from scrapy.http import Request, Response
from scrapy.logformatter import LogFormatterResult
from twisted.python.failure import Failure

ENGINE_LOGGER = logging.getLogger("scrapy.core.engine")


class QuietFormatter(logformatter.LogFormatter):
    """Logs drops at level DEBUG, since they are counted by cause, and items not at all."""

    def crawled(self, request: Request, response: Response, spider: Any) -> Any:
        """Formats a line only if the engine logs at level DEBUG."""
        if not ENGINE_LOGGER.isEnabledFor(logging.DEBUG):
            return None
        return super().crawled(request, response, spider)

    def scraped(self, item: Any, response: Response | Failure | None, spider: Any) -> Any:
        """Returns no line at all."""
        return None

    def dropped(
        self, item: Any, exception: BaseException, response: Any, spider: Any
    ) -> LogFormatterResult:
        """Logs a DropItem at level DEBUG, any other cause as a warning."""
        level = logging.DEBUG if isinstance(exception, DropItem) else logging.WARNING
        return {"level": level, "msg": "Dropped: %(exception)s", "args": {"exception": exception}}

    def item_error(
        self, item: Any, exception: BaseException, response: Any, spider: Any
    ) -> LogFormatterResult:
        """Logs the URL of the article, not the article."""
        args = {"url": getattr(item, "url", "")}
        return {"level": logging.ERROR, "msg": "Error processing %(url)s", "args": args}
