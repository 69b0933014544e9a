"""Groups recorded responses by the outlet whose spider reads them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.extract.urls import original_url
from crawler.outlet import Outlet
from crawler.registry import outlet_for
from crawler.warc.records import RecordedResponse

_NON_PAGE_TYPE_PREFIXES = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript")
_NON_PAGE_TYPES = frozenset(
    {"application/javascript", "application/x-javascript", "application/pdf"}
)


def group_by_outlet(
    recorded: Iterable[RecordedResponse],
) -> Mapping[type[Outlet], list[RecordedResponse]]:
    """Groups recorded pages by outlet, in time order; images, styles and redirects are left out.

    Pages from a web archive get their original URL.
    """
    groups: dict[type[Outlet], list[RecordedResponse]] = defaultdict(list)
    for response in recorded:
        if is_page(response):
            original = replace(response, url=original_url(response.url))
            groups[outlet_for(original.url)].append(original)
    return groups


def is_page(recorded: RecordedResponse) -> bool:
    """Returns whether a recording may be an article or a listing."""
    if 300 <= recorded.status < 400 or urlsplit(recorded.url).path == "/robots.txt":
        return False
    content_type = recorded.content_type
    return (
        not content_type.startswith(_NON_PAGE_TYPE_PREFIXES) and content_type not in _NON_PAGE_TYPES
    )
