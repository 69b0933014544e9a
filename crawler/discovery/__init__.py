"""Reading what lists articles: feeds, sitemaps, listing pages, JSON answers. Knows no Scrapy."""
