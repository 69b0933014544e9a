"""The settings of nkwire: from the environment and from `nkwire.toml`. Knows no Scrapy."""
