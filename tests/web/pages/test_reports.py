from tests.web.conftest import Site


def ids_of(site: Site, query: str = "") -> list[int]:
    return [row["id"] for row in site.get(f"/reports.json{query}").json["rows"]]


def test_reports_are_listed_by_time_or_by_outlets(site: Site) -> None:
    assert ids_of(site) == [3, 2, 1]
    assert ids_of(site, "?order=outlets")[0] == 2
    page = site.get("/reports").text
    assert "<b>5 outlets</b>, 6 articles" in page
    assert "2 verbatim" in page
    assert "3 in other words" in page
    assert "Original: <a" in page
    assert "First seen: <a" in page


def test_filters_narrow_the_reports(site: Site) -> None:
    assert ids_of(site, "?outlets=2") == [2]
    assert ids_of(site, "?until=2026-03-02") == [1]
    assert ids_of(site, "?since=2026-03-03") == [3, 2]
    assert ids_of(site, "?language=ko") == []
    assert ids_of(site, "?agency=kcna") == [3, 2, 1]
    assert ids_of(site, "?decided=1") == [2]
    assert "No report passes the filters." in site.get("/reports?outlets=99").text


def test_a_place_in_a_list_by_outlets_survives_the_address(site: Site) -> None:
    place = "2026-03-03T06:00:00Z~2~5"
    assert ids_of(site, f"?order=outlets&before={place}") == [3, 1]
    assert site.get("/reports?before=2026-03-03").status == 400
