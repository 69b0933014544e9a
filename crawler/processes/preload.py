"""Imports everything that a crawl needs, so that a forkserver does it once for all children.

Nothing is started here: the process that crawls makes the event loop.
"""

from importlib import import_module

from scrapy.settings import default_settings

from crawler.config.config import ConfigError

try:
    from crawler import settings
except ConfigError as error:
    # The file was broken while the service ran. A forkserver survives an ImportError only. Each
    # child reads the file again, and its run says what is wrong.
    raise ImportError(str(error)) from None

SCRAPY_MODULES = (
    "scrapy.core.downloader.contextfactory",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.squeues",
    "logging.config",
    "crawler.middlewares.bounded_http",
)
_COMPONENT_SETTINGS = (
    "DOWNLOADER_MIDDLEWARES",
    "SPIDER_MIDDLEWARES",
    "ITEM_PIPELINES",
    "EXTENSIONS",
)


def import_all() -> None:
    """Imports every component that the settings name, and modules that Scrapy imports late."""
    for module in SCRAPY_MODULES:
        import_module(module)
    for name in _COMPONENT_SETTINGS:
        base = getattr(default_settings, f"{name}_BASE")
        # Disabled ones too: Scrapy imports them to compare them with the enabled ones.
        for path in {**base, **getattr(settings, name, {})}:
            import_module(path.rpartition(".")[0])


import_all()
