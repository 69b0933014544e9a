"""Decides which articles are one text and which carry one report. No Scrapy, no SQL, no I/O."""
