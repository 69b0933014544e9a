"""An outlet whose pages may lead elsewhere."""

import pytest

from tests.crawler.conftest import Declaration, Declare, Site
from tests.crawler.redirecting import LISTED


@pytest.fixture
def own(declare: Declare, site: Site, other_site: Site) -> Declaration:
    """An outlet with two hosts, and a feed of ten articles."""
    site.put_feed(LISTED)
    return declare(hosts=(site.host, other_site.host))
