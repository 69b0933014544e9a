"""Scrapy settings that differ from the defaults, and why.

Those that the user may set come from `crawler.config`, which docs/settings.md lists.
"""

import sys
from typing import Any

from pydantic import SecretStr

from crawler.config.config import Config, ConfigError, load_config
from storage.version import package_version


def _load() -> Config:
    try:
        return load_config()
    except ConfigError as error:
        if "scrapy.cmdline" not in sys.modules:
            raise
        # The `scrapy` command would print a traceback.
        print(f"scrapy: {error}", file=sys.stderr)  # noqa: T201 - no logging yet
        sys.exit(2)


_config = _load()

# Project
BOT_NAME = "nkwire"
SPIDER_MODULES = ["spiders"]
SPIDER_LOADER_CLASS = "crawler.spider_loader.OutletLoader"
COMMANDS_MODULE = "crawler.commands"  # old names of commands

# Files
NKWIRE_HOME = str(_config.home)
# As stars for `scrapy settings --get` and logs.
NKWIRE_DATABASE_URL = _config.database_url
NKWIRE_DEDUP_SEED = None if _config.dedup_seed is None else SecretStr(str(_config.dedup_seed))
NKWIRE_CHROMIUM = _config.chromium
NKWIRE_KERNEL = _config.kernel

# Who we are: the true name, and a way to reach the operator
NKWIRE_CONTACT = _config.contact
USER_AGENT = "nkwire/{} (news archive for research; {})".format(
    package_version(), f"+{NKWIRE_CONTACT}" if NKWIRE_CONTACT else "operator's contact not set"
)
ROBOTSTXT_USER_AGENT = "nkwire"
DEFAULT_REQUEST_HEADERS: dict[str, Any] = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}  # no Accept-Language: the URL decides the language

# Politeness: one connection per outlet, a gap that is never shorter than declared
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # a page is one article; Scrapy starts a hundred tasks for each
DOWNLOAD_DELAY = 5.0  # each outlet declares its own
DOWNLOAD_DELAY_JITTER = 0
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # for 429 and 503 see middlewares/retry_after.py
NKWIRE_RETRY_AFTER = 10.0  # seconds, for 429 and 503 without Retry-After
NKWIRE_LONGEST_WAIT = 60.0  # seconds; if a host asks for more, the run ends
NKWIRE_LONGEST_CRAWL_DELAY = 60.0

# Where a request may go
TWISTED_DNS_RESOLVER = "crawler.middlewares.resolver.GuardedResolver"
NKWIRE_ALLOW_ADDRESSES = list(_config.allow_addresses)
NKWIRE_RESOLVE = list(_config.resolve)
NKWIRE_PORTS = [80, 443]  # and those that an outlet's hosts name
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy: off
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False  # a page's content must not steer the crawl
REFERRER_POLICY = "no-referrer"
COOKIES_ENABLED = False  # spiders with a FormListing turn them on; see middlewares/redirects.py
HTTPPROXY_ENABLED = False  # a proxy would connect where the address guard cannot check
DOWNLOAD_HANDLERS: dict[str, str | None] = {
    "http": "crawler.middlewares.bounded_http.BoundedHandler",
    "https": "crawler.middlewares.bounded_http.BoundedHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}

# How much a response may cost
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # bytes, after decoding too; Scrapy: 1 GiB
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 20
NKWIRE_PAGE_BUDGET = 300  # article pages per run; the rest is still listed at the next run
NKWIRE_RUN_SECONDS = 1200  # limits the pages to those that fit in at the outlet's delay

# When listed addresses that gave no article (an error page, a captcha, not found) are fetched again:
# pairs of age limit and shortest time between two fetches, both in hours.
NKWIRE_ASK_AGAIN = [(24, 3), (72, 24), (720, 168)]
# Known articles are revisited by their age (storage/changes/revisit_intervals.py).
NKWIRE_REVISIT_SHARE = 0.25  # of the page budget, after everything new

# Newest first holds only if the queue keeps its order
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"

# Ports that Scrapy opens by default
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# Components between a request and an article; for their order see docs/crawling.md
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # dont_filter bypasses it
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # goes on after a 503
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # spiders with forms enable it
    "crawler.middlewares.offsite.OffsiteGuard": 40,
    "crawler.middlewares.address_guard.AddressGuard": 60,
    "crawler.middlewares.robots.Robots": 100,
    "crawler.middlewares.conditional_get.ConditionalGet": 320,
    "crawler.middlewares.host_budget.HostBudget": 540,
    "crawler.middlewares.retry_after.RetryAfter": 545,
    "crawler.middlewares.stated_coding.StatedCoding": 595,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # goes round in circles
    "crawler.middlewares.redirects.Redirects": 600,
    "crawler.middlewares.recorder.Recorder": 990,
}
HTTPERROR_ALLOW_ALL = True  # the spider counts each status
URLLENGTH_LIMIT = 4096
ITEM_PIPELINES = {
    "crawler.pipelines.validate.Validate": 100,
    "crawler.pipelines.store.Store": 900,
}
EXTENSIONS = {
    "scrapy.extensions.feedexport.FeedExporter": None,  # export from the database: FEEDS lose items
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.logstats.LogStats": None,
    # Off above; as None they, and the web server that one of them needs, are not even imported.
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "crawler.extensions.crawl_delay.CrawlDelay": 100,
    "crawler.extensions.run_log.RunLog": 200,
}

# Counts that nobody reads
DOWNLOADER_STATS = False

# Logs
LOG_LEVEL = _config.log_level or "INFO"
LOG_VERSIONS: list[str] = []
LOG_FORMATTER = "crawler.extensions.log_format.QuietFormatter"
STATS_DUMP = False  # the run's own counts say the same
