"""What the names of an element say of its role, for words that are also parts of other words."""

import pytest

from crawler.extract.element_names import aside_words, is_body, is_caption, is_clutter, is_lead


@pytest.mark.parametrize(
    "names",
    ["meta", "post-meta", "entryMeta", "meta-bar", "metadata", "cards", "card-list", "ad-slot",
     "newsletter-form", "news-letter", "relation-news", "related"],
)  # fmt: skip
def test_names_of_clutter_are_recognised(names: str) -> None:
    assert is_clutter("div", names)


@pytest.mark.parametrize(
    "names", ["metal-works", "metaphor", "postmeta", "timely", "story-time", "cardigan", "adult"]
)
def test_words_that_only_begin_like_clutter_are_none(names: str) -> None:
    assert not is_clutter("div", names)


def test_one_word_is_found_in_all_spellings_of_a_name() -> None:
    words = [aside_words(names) for names in ("post-meta", "postMeta top", "meta x1")]
    assert words == [frozenset({"meta"})] * 3


def test_names_of_captions_text_and_leads_are_recognised() -> None:
    assert all(is_caption("p", names) for names in ("caption", "photo-caption-x", "imgcaptions"))
    assert all(is_body(names) for names in ("articlebody", "article-body", "articleBody"))
    assert all(is_lead(names) for names in ("sub-title", "subtitle", "sub_headline", "subhead"))
