"""Outlets are chosen by name, group, language and country, and a wrong word is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.chosen import UnknownOutletError, chosen_outlets, groups_of, select_outlets
from crawler.config.config import Config
from crawler.outlet import ALL_OUTLETS, GROUPS
from crawler.registry import outlets


def test_a_name_a_group_a_language_and_a_country_choose_outlets() -> None:
    assert select_outlets(["yonhap", "KCNA", "yonhap"]) == ["yonhap", "kcna"]
    assert set(select_outlets(["north-korean"])) >= {"kcna", "rodong", "vok"}
    assert set(select_outlets(["state-media"])) >= {"kcna", "xinhua", "tass"}
    assert "reuters" in select_outlets(["wires"])
    assert "hani" not in select_outlets(["wires", "state-media"])
    assert set(select_outlets(["language:ko"])) >= {"hani", "kcna", "bbc"}
    assert set(select_outlets(["country:JP"])) == set(select_outlets(["country:jp"])) >= {"nhk"}
    assert select_outlets(["all"]) == list(outlets())
    assert select_outlets(["Yonhap-KO", "yonhap ko"]) == ["yonhap_ko"]  # as `nkwire schedule set`
    own = {name: outlets()["kcna"] for name in ("my-paper", "a-b", "a_b")}
    assert select_outlets(["My-Paper", "my paper", "a_b"], own) == ["my-paper", "a_b"]
    with pytest.raises(UnknownOutletError, match="did you mean a-b or a_b"):
        select_outlets(["A b"], own)


def test_no_group_is_empty_and_none_has_the_name_of_an_outlet() -> None:
    assert not ({*GROUPS, ALL_OUTLETS} & outlets().keys())
    found = {group for outlet in outlets().values() for group in groups_of(outlet)}
    assert found == set(GROUPS)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("knca", "no outlet 'knca': did you mean kcna"),
        ("state-medai", "no outlet 'state-medai': did you mean state-media?"),
        ("zzzzzzzz", "no outlet 'zzzzzzzz': see `nkwire outlets`"),
        ("language:xx", "no outlet has 'language:xx': see `nkwire outlets`"),
    ],
)
def test_a_word_that_chooses_nothing_is_said_with_those_that_are_like_it(
    word: str, said: str
) -> None:
    with pytest.raises(UnknownOutletError) as error:
        select_outlets([word], where="--only: ")
    assert str(error.value).startswith(f"--only: {said}")


@given(st.text(max_size=30))
def test_any_word_chooses_outlets_or_is_refused_in_one_line(word: str) -> None:
    try:
        assert set(select_outlets([word])) <= outlets().keys()
    except UnknownOutletError as error:
        assert "\n" not in str(error)  # noqa: PT017


def test_the_settings_choose_and_an_option_replaces_them() -> None:
    config = Config(outlets=("korean", "wires"), outlets_except=("naver", "country:RU"))
    chosen = chosen_outlets(config)
    assert {"kcna", "hani", "ap"} <= chosen.keys()
    assert not {"naver", "tass", "bbc"} & chosen.keys()
    assert list(chosen_outlets(config, ["tass", "bbc"])) == ["tass", "bbc"]
    assert list(chosen_outlets(Config())) == list(outlets())


def test_settings_that_leave_no_outlet_are_refused() -> None:
    config = Config(outlets=("kcna",), outlets_except=("north-korean",))
    with pytest.raises(UnknownOutletError, match="leaves no outlet to read"):
        chosen_outlets(config)
