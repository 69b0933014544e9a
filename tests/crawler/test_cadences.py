"""How often outlets are read: declared, or as the settings say."""

from datetime import timedelta

import pytest

from crawler.cadences import cadence_texts, configured_cadences, declared_cadences
from crawler.chosen import UnknownOutletError
from crawler.config.config import Config
from crawler.registry import outlets


def test_without_a_setting_each_outlet_is_read_as_it_declares() -> None:
    cadences = configured_cadences(outlets(), Config())
    assert cadences == declared_cadences(outlets())
    assert {each.outlet: each.every for each in cadences}["tass"] == outlets()["tass"].every


def test_a_name_goes_before_a_group_and_a_group_before_all() -> None:
    config = Config(
        cadence=(
            ("yonhap", "15m"),
            ("wires", "30m"),
            ("language:ko", "40m"),
            ("all", "2h"),
            ("KBS", "3h"),
        )
    )
    texts = cadence_texts(config)
    assert (texts["yonhap"], texts["reuters"], texts["bbc"]) == ("15m", "30m", "40m")
    assert (texts["newsis"], texts["nhk"], texts["kbs"]) == ("40m", "2h", "3h")
    assert texts.keys() == outlets().keys()


def test_an_interval_of_the_settings_is_exact_and_cron_is_read_too() -> None:
    config = Config(cadence=(("yonhap", "15m"), ("rodong", "5 0,6 * * *")))
    cadences = {each.outlet: each for each in configured_cadences(outlets(), config)}
    assert (cadences["yonhap"].every, cadences["yonhap"].between) == (timedelta(minutes=15), ())
    assert cadences["rodong"].cron == "5 0,6 * * *"
    assert cadences["ap"].between == outlets()["ap"].poll_interval_range()


def test_a_name_that_is_none_is_said_with_its_place() -> None:
    said = "cadence: no outlet 'yonhapp': did you mean yonhap"
    with pytest.raises(UnknownOutletError, match=said):
        cadence_texts(Config(cadence=(("yonhapp", "15m"),)))
