from collections import Counter

import html5lib

from storage.database import open_database
from tests.web.conftest import Site


def test_each_day_has_its_articles_by_outlet(site: Site) -> None:
    twin = site.get("/timeline.json?since=2026-03-01&until=2026-03-05").json
    assert twin["days"][0] == "2026-03-01"
    with open_database(site.options.database_url) as database:
        stored = Counter(
            (each.outlet, str((each.published_at or each.first_seen_at).date()))
            for each in database.articles.iter()
        )
    expected = [sum(n for (_, of), n in stored.items() if of == day) for day in twin["days"]]
    assert twin["articles"] == expected
    assert twin["total"] == sum(expected) > 10
    by_outlet = {each["outlet"]: each["articles"] for each in twin["outlets"]}
    assert by_outlet["kcna"] == [stored["kcna", day] for day in twin["days"]]
    assert [sum(day) for day in zip(*by_outlet.values(), strict=True)] == expected


def test_days_that_nobody_read_differ_from_days_without_articles(site: Site) -> None:
    address = "/timeline?since=2026-03-01&until=2026-03-05&outlet=quiet"
    twin = site.get(address.replace("?", ".json?")).json
    assert twin["articles"] == [0] * 5
    assert twin["readings"] == ["not read", "not read", "not read", "failed", "not read"]
    page = site.get(address)
    html5lib.HTMLParser(strict=True).parse(page.body)
    assert page.text.count("nobody looked</td>") == 5
    assert "5 days on which nobody looked" in page.text
    assert 'class="unread"' in page.text


def test_the_default_is_the_quarter_up_to_the_latest_article(site: Site) -> None:
    twin = site.get("/timeline.json").json
    assert (twin["until"], len(twin["days"])) == ("2026-03-04", 91)
    page = site.get("/timeline")
    assert 'href="/timeline?since=2025-03-05&amp;until=2026-03-04"' in page.text


def test_a_search_is_counted_by_day(site: Site) -> None:
    address = "/timeline.json?q=glass&since=2026-03-01&until=2026-03-05"
    twin = site.get(address).json
    assert twin["articles"] == [0, 0, 4, 0, 0]
    assert twin["counted_since"] == "2026-03-01"
    assert twin["stories"] is None
    assert site.get(f"{address}&outlet=kcna").json["total"] == 1
    page = site.get(address.replace(".json", ""))
    html5lib.HTMLParser(strict=True).parse(page.body)
    assert "4 articles" in page.text


def test_a_long_period_has_a_row_a_month_that_leads_to_the_month(site: Site) -> None:
    page = site.get("/timeline?since=2025-06-01&until=2026-03-05")
    html5lib.HTMLParser(strict=True).parse(page.body)
    assert 'href="/timeline?since=2026-03-01&amp;until=2026-03-05"' in page.text
    assert "The same as a table, by month" in page.text


def test_periods_that_cannot_be_are_refused(site: Site) -> None:
    assert site.get("/timeline?since=2026-03-05&until=2026-03-01").status == 400
    assert site.get("/timeline?since=2020-01-01&until=2026-03-01").status == 400
    assert site.get("/timeline?q=(").status == 400
    assert site.get("/timeline?until=0001-01-02").status == 400
    assert site.get("/timeline?since=9999-12-30").status == 400
