"""Loads in one go all that every crawl loads piece by piece; a forkserver does it once for all children.

Nothing starts: the event loop is made by the process that crawls.
"""

from importlib import import_module

from scrapy.settings import default_settings

from crawler import settings

SCRAPY_MODULES = (
    "scrapy.core.downloader.contextfactory",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.squeues",
    "logging.config",
)
_COMPONENT_SETTINGS = (
    "DOWNLOADER_MIDDLEWARES",
    "SPIDER_MIDDLEWARES",
    "ITEM_PIPELINES",
    "EXTENSIONS",
)


def import_all() -> None:
    """Import everything that settings name, and what these import late."""
    for module in SCRAPY_MODULES:
        import_module(module)
    for name in _COMPONENT_SETTINGS:
        base = getattr(default_settings, f"{name}_BASE")
        # Those that are switched off too: Scrapy imports them to learn that they are the same.
        for path in {**base, **getattr(settings, name)}:
            import_module(path.rpartition(".")[0])


import_all()
