from collections.abc import Callable

import pytest

from storage.importers import shared_addresses
from storage.importers.shared_addresses import SharedAddresses
from storage.records import Article


def test_a_full_table_still_knows_its_rows_and_ends(
    make_article: Callable[..., Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_addresses, "_SLOTS", 16)
    monkeypatch.setattr(shared_addresses, "MAX_HASHES", 12)
    found = SharedAddresses()
    articles = [make_article(n) for n in range(40)]
    for number, each in enumerate(articles, start=1):
        found.add(number, each)
    assert found.count == 0
    for number, text in ((41, articles[0].text), (42, "Another text.")):
        found.add(number, make_article(0, text=text))
    assert (found.count, found.first_row, found.first_url) == (1, 42, articles[0].url)
