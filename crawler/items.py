"""What spiders yield. The type lives in storage; Scrapy people look for it here."""

from storage.records import Article

__all__ = ["Article"]
