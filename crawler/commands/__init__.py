"""Commands for `scrapy` that are now commands of nkwire: inspect, fixture and genspider."""
