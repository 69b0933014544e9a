"""Scrapy finds the declared outlets as spiders."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoaderProtocol, get_spider_loader

from crawler.registry import outlets
from storage import open_database
from tests.crawler import child
from tests.crawler.conftest import Site


@pytest.fixture(scope="module")
def loader() -> SpiderLoaderProtocol:
    settings = Settings()
    settings.setmodule("crawler.settings")
    return get_spider_loader(settings)


def test_every_outlet_is_a_spider_by_its_name(loader: SpiderLoaderProtocol) -> None:
    assert sorted(loader.list()) == list(outlets())
    spider = loader.load("kcna")
    assert (spider.name, spider.__name__, spider.__doc__) == (
        "kcna",
        "Kcna",
        outlets()["kcna"].__doc__,
    )
    assert spider.__module__ == "spiders.kcna"  # `scrapy edit` opens its file


def test_an_unknown_name_is_no_spider(loader: SpiderLoaderProtocol) -> None:
    with pytest.raises(KeyError, match="Spider not found: kcan"):
        loader.load("kcan")


def test_scrapy_finds_the_spider_of_an_address(loader: SpiderLoaderProtocol) -> None:
    assert loader.find_by_request(Request("http://www.kcna.kp/en/article/q/1.kcmsf")) == ["kcna"]
    assert loader.find_by_request(Request("https://www.example.org/")) == []


def test_a_spider_has_the_delay_of_its_outlet(loader: SpiderLoaderProtocol) -> None:
    settings = Settings()
    loader.load("kcna").update_settings(settings)
    assert settings.getfloat("DOWNLOAD_DELAY") == outlets()["kcna"].delay
    assert settings.getbool("COOKIES_ENABLED")  # its listings are forms


def test_scrapy_crawl_reads_an_outlet_by_its_name(
    site: Site, children: ProcessPoolExecutor, tmp_path: Path
) -> None:
    settings = {
        "NKWIRE_HOME": str(tmp_path / "home"),
        "NKWIRE_ALLOW_ADDRESSES": "127.0.0.0/8",
        "NKWIRE_RESOLVE": f"www.kcna.kp={site.host}",
        "NKWIRE_DEDUP_SEED": "7",
    }
    command = ["scrapy", "crawl", "kcna", "-a", "limit=1", "-s", "DOWNLOAD_DELAY=0"]
    children.submit(child.run_program, command, settings, tmp_path).result(120)
    assert {f"/{language}" for language in ("kp", "en")} <= {each.path[:3] for each in site.asked}
    database = open_database(f"sqlite:///{tmp_path}/home/nkwire.db")
    assert [run.outlet for run in database.runs.latest()] == ["kcna"]
    assert database.scheme.seed == 7
    database.close()
