"""Commands for `scrapy`: inspect, fixture and genspider."""
