"""Decides which articles are one text and which carry one report. Pure: no Scrapy, no SQL, no I/O."""
