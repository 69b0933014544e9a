"""The outlets' declarations, which recorded pages ask for: the forkserver of the tests reads them once."""

from crawler.registry import outlets

outlets()
