"""The Scrapy project: everything between a URL and a stored article."""
