from crawler.extract.page.meta import Meta, drop_site_metadata


def test_only_the_values_that_an_outlet_declares_as_its_own_are_dropped() -> None:
    meta: Meta = {
        "keywords": ["Herald, News, World"],
        "news_keywords": ["harvest, Herald"],
        "article:tag": ["Herald", "harvest", "Herald Tribune"],
        "description": ["Read the Herald.", "The harvest is in."],
    }
    drop_site_metadata(meta, ("keywords=Herald, News", "article:tag=Herald$", "description=Read"))
    assert meta == {
        "news_keywords": ["harvest, Herald"],
        "article:tag": ["harvest", "Herald Tribune"],
        "description": ["The harvest is in."],
    }


def test_an_outlet_that_declares_nothing_keeps_all() -> None:
    meta: Meta = {"keywords": ["Herald"]}
    drop_site_metadata(meta, ())
    assert meta == {"keywords": ["Herald"]}
