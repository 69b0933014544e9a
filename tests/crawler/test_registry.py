"""Which outlets are declared, and which of them an address belongs to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.extract.urls import host_of, registered_domain
from crawler.outlet import DeclarationError
from crawler.registry import make_generic_outlet, outlet_for, outlets


def test_every_declared_outlet_is_found_by_its_name() -> None:
    assert {"kcna", "rodong", "yonhap"} <= set(outlets())
    assert all(outlet.name == name for name, outlet in outlets().items())


NEWCOMER = '''
from datetime import timedelta
from crawler.outlet import Outlet
from crawler.sources import Feed

class {class_name}(Outlet):
    """The Newcomer."""

    name = "newcomer"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("newcomer.example",)
    rights = "full"
    sources = (Feed("https://newcomer.example/rss"),)
    article = "/news/"
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an empty package, `lonely`."""
    folder = tmp_path / "lonely"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith("lonely")]:
        del sys.modules[name]
    outlets.cache_clear()


def test_a_new_file_is_found_by_itself(package: Path) -> None:
    (package / "newcomer.py").write_text(NEWCOMER.format(class_name="Newcomer"))
    assert list(outlets("lonely")) == ["newcomer"]


def test_two_outlets_of_one_name_are_refused(package: Path) -> None:
    (package / "newcomer.py").write_text(NEWCOMER.format(class_name="Newcomer"))
    (package / "other.py").write_text(NEWCOMER.format(class_name="Other"))
    with pytest.raises(DeclarationError, match=r"other\.Other\.name: .*lonely\.newcomer\.Newcomer"):
        outlets("lonely")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://en.yna.co.kr/view/AEN20230419004200315", "yonhap"),
        ("http://www.rodong.rep.kp/en/index.php?newsID=2022-03-10-0002", "rodong"),
        ("http://kcna.kp/kcna.user.home.retrieveHomeInfoList.kcmsf", "kcna"),
        ("https://web.archive.org/web/20240101000000/https://en.yna.co.kr/view/AEN20230419004200315", "yonhap"),
        ("https://news.unheard-of.co.uk/story/1", "unheard-of.co.uk"),
        ("https://www.unheard-of.example.com/story/1", "example.com"),
        ("http://192.0.2.7/story", "192.0.2.7"),
        ("http://localhost:8000/story", "localhost"),
        ("not an address", "unknown"),
        ("http://[broken/", "unknown"),
    ],
)  # fmt: skip
def test_an_address_finds_its_outlet_and_an_unknown_host_the_generic_one(
    url: str, name: str
) -> None:
    assert outlet_for(url).name == name


def test_a_host_that_only_ends_alike_is_another() -> None:
    assert outlet_for("https://notyna.co.kr/view/AKR1").name == "notyna.co.kr"


def test_the_generic_outlet_knows_nothing_and_is_one_per_domain() -> None:
    outlet = make_generic_outlet("example.com")
    assert (outlet.languages, outlet.timezone, outlet.rules) == ((), "", ())
    assert make_generic_outlet("example.com") is outlet


@pytest.mark.parametrize(
    ("host", "domain"),
    [("news.bbc.co.uk", "bbc.co.uk"), ("apnews.com", "apnews.com"), ("x", "x"), ("", "")],
)
def test_domains_are_cut_by_the_public_suffix_list(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


def test_a_hosts_port_and_www_are_no_part_of_it() -> None:
    assert host_of("https://WWW.Example.com:8080/a") == "example.com"
