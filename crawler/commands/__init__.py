"""Commands for `scrapy`: inspect, fixture, genspider."""
