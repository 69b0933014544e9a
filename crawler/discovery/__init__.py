"""Parses what lists articles: feeds, sitemaps, listing pages, JSON answers. Needs no Scrapy."""
