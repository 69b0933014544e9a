"""Parses what lists articles: feeds, sitemaps, listing pages, JSON answers. Independent of Scrapy."""
