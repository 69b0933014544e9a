import html5lib

from storage.database import open_database
from storage.reports.carriage import load_carriage
from storage.reports.latency import compute_latencies
from tests.web.conftest import Site


def test_the_page_says_what_the_reports_say(site: Site) -> None:
    twin = site.get("/latency.json").json
    with open_database(site.options.database_url) as database:
        computed = compute_latencies(load_carriage(database, min_outlets=2, agency_only=True))
    assert [each["outlet"] for each in twin["outlets"]] == [each.outlet for each in computed]
    assert {"wire", "herald"} <= {each["outlet"] for each in twin["outlets"]}
    for row, latency in zip(twin["outlets"], computed, strict=True):
        high = latency.polled.high
        assert row["median_less_than_seconds"] == (high and high.total_seconds())
        assert row["reports"] == latency.reports
    page = site.get("/latency")
    html5lib.HTMLParser(strict=True).parse(page.body)
    words = [each.polled.as_words() for each in computed]
    assert all(each in page.text for each in words)
    assert page.text.count('class="lane"') == len(computed) + 1


def test_a_period_without_reports_says_so(site: Site) -> None:
    page = site.get("/latency?since=2025-01-01&until=2025-01-31")
    assert page.status == 200
    assert "No report of this period" in page.text
    assert site.get("/latency?since=2025-01-01").status == 400
    assert site.get("/latency?since=2026-03-05&until=2026-03-04").status == 400
    assert site.get("/latency?until=9999-12-31").status == 400
