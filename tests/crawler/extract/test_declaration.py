"""A wrong class body fails when the class is made, with a message that names the attribute."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crawler.outlet import DeclarationError, Expect, Outlet
from crawler.sources import Feed

Declare = Callable[..., type[Outlet]]

WRONG: list[tuple[str, Any]] = [
    ("name", "Courier Daily"),
    ("name", ""),
    ("every", 20),
    ("every", timedelta(0)),
    ("languages", "en"),
    ("languages", ()),
    ("languages", ("english",)),
    ("country", "kr"),
    ("timezone", "KST"),
    ("timezone", ""),
    ("hosts", ("https://courier.example/",)),
    ("hosts", "courier.example"),
    ("rights", "all"),
    ("sources", (Feed,)),
    ("sources", ()),
    ("article", "("),
    ("key", r"/story/\d+"),
    ("key", "("),
    ("rules", ({"title": "h1"},)),
    ("topic", "yes"),
    ("browser", 1),
    ("delay", 0),
    ("delay", True),
    ("expect", 3),
    ("agency_rank", "wire"),
    ("paywalled", None),
]


@pytest.mark.parametrize(("attribute", "value"), WRONG, ids=[f"{a}={v!r}" for a, v in WRONG])
def test_a_wrong_value_is_refused_by_name(attribute: str, value: Any, declare: Declare) -> None:
    with pytest.raises(DeclarationError, match=rf"Declared\.{attribute}: "):
        declare(**{attribute: value})


@pytest.mark.parametrize("attribute", ["langauges", "start_urls", "custom_settings", "parse"])
def test_an_unknown_attribute_is_refused_with_the_known_ones(
    attribute: str, declare: Declare
) -> None:
    with pytest.raises(
        DeclarationError, match=rf"Declared\.{attribute}: unknown; known are .*article"
    ):
        declare(**{attribute: "x"})


@pytest.mark.parametrize("attribute", ["name", "every", "languages", "sources", "article", "hosts"])
def test_a_missing_attribute_is_asked_for(attribute: str) -> None:
    body: dict[str, Any] = {
        "name": "new",
        "every": timedelta(hours=1),
        "languages": ("en",),
        "country": "KR",
        "timezone": "Asia/Seoul",
        "hosts": ("new.example",),
        "rights": "full",
        "sources": (Feed("https://new.example/feed"),),
        "article": "/a/",
    }
    assert type("New", (Outlet,), dict(body)).__name__ == "New"
    del body[attribute]
    with pytest.raises(DeclarationError, match=rf"New\.{attribute}: please declare it"):
        type("New", (Outlet,), body)


def test_a_base_without_declarations_says_so() -> None:
    class Platform(Outlet, abstract=True):
        """Shared hooks of outlets on one publishing system."""

    assert not hasattr(Platform, "name")


def test_the_defaults_are_polite_and_cautious(courier: type[Outlet]) -> None:
    assert courier.delay == 5.0
    assert courier.expect == Expect(min_items=1, within=timedelta(days=7))
    assert (courier.topic, courier.browser, courier.paywalled) == (False, False, False)


def test_an_address_gives_its_key(courier: type[Outlet], declare: Declare) -> None:
    assert courier.key_from_url("https://courier.example/story/77?x=1") == "77"
    assert courier.key_from_url("https://courier.example/about") == ""
    assert courier.is_article("https://courier.example/story/77")
    assert not courier.is_article("https://courier.example/about")
    two = declare(key=r"lang=(\w).*id=(\d+)|id=(\d+)")
    assert (two.key_from_url("?lang=e&id=5"), two.key_from_url("?id=5")) == ("e/5", "5")
