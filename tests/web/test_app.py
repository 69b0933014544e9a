import pytest

from tests.web.conftest import Site


def test_a_page_and_its_twin_show_the_same_values(site: Site) -> None:
    page, twin = site.get("/about"), site.get("/about.json")
    assert page.status == twin.status == 200
    assert twin.headers["content-type"] == "application/json"
    assert f"{twin.json['articles']} articles" in page.text


def test_an_unchanged_page_is_not_sent_again(site: Site) -> None:
    etag = site.get("/about").headers["etag"]
    assert site.get("/about", {"If-None-Match": etag}).status == 304
    assert site.get("/about.json", {"If-None-Match": etag}).status == 200


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_what_is_not_there_is_told_in_the_form_that_was_asked_for(site: Site, suffix: str) -> None:
    answer = site.get(f"/nothing{suffix}")
    assert answer.status == 404
    assert "There is no page at this address." in answer.text
    assert answer.headers["content-type"].startswith("application/json" if suffix else "text/html")


def test_an_unknown_parameter_is_refused_and_named(site: Site) -> None:
    answer = site.get("/about.json?colour=red")
    assert answer.status == 400
    assert "unknown parameter 'colour'" in answer.json["detail"]
