"""The base class of the errors of `crawler`."""

from dedup.errors import NkwireError


class CrawlerError(NkwireError):
    """Base class of what goes wrong with outlets, requests, recordings and processes."""
