"""Commands for `scrapy`: crawl, and those that are now of nkwire: inspect, fixture, genspider."""
