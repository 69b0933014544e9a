"""Scrapy extensions: crawl delay, run log, log format."""
