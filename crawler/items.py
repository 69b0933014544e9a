"""The item type that spiders yield. It is defined in `storage`; Scrapy users expect it here."""

from storage.records import Article

__all__ = ["Article"]
