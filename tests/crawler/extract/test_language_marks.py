"""A page's mark of language, and a text whose words are of another language."""

from typing import TYPE_CHECKING

import pytest

from crawler.extract.language import detect_language

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story


@pytest.mark.parametrize("mark", ["en", "en-US", "en_GB", "EN"])
def test_a_text_in_another_language_is_not_english(mark: str, story: "Story") -> None:
    text = "\n".join(story.paragraphs)
    assert detect_language(text, mark)[0] == story.language


def test_the_right_mark_is_believed(story: "Story") -> None:
    text = "\n".join(story.paragraphs)
    assert detect_language(text, story.language)[0] == story.language


@pytest.mark.parametrize("mark", ["ca", "gl", "oc"])
def test_the_mark_of_a_language_without_word_list_is_believed(
    mark: str, stories: dict[str, "Story"]
) -> None:
    assert detect_language("\n".join(stories["es"].paragraphs), mark) == (mark, "page")


def test_a_short_text_does_not_contradict_its_page(stories: dict[str, "Story"]) -> None:
    assert detect_language(stories["fr"].title, "en") == ("en", "page")


def test_names_and_numbers_do_not_contradict_the_page() -> None:
    table = "Gull Harbour 3 Seal Bay 1, Heron Point 2 Otter Creek 2, " * 6
    assert detect_language(table, "de") == ("de", "page")
