import pytest

from dedup.changes.names_and_numbers import concerns_leader, count_names, count_numbers


def test_numbers_are_read_as_printed() -> None:
    found = count_numbers("On 5 March, 1,250 men and ３ women; 3.5 percent at 10:30")
    assert set(found) == {"5", "1250", "3", "3.5", "10:30"}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The meeting was opened by Choe Ryong Hae there.", "en", {"Choe", "Ryong", "Hae"}),
        ("Yesterday it rained. Today it snows.", "en", set()),
        ("Вчера прибыл Лавров, он едет в Пхеньян.", "ru", {"Лавров", "Пхеньян"}),
        ("박태성총리가 시찰하였다.", "ko", {"박태성"}),
        ("普京总统会见了他", "zh", {"普京"}),
        ("Der Mann kaufte Milch.", "de", set()),
    ],
)
def test_names_are_found(text: str, language: str, expected: set[str]) -> None:
    assert set(count_names(text, language)) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Respected Comrade Kim Jong Un Visits Farm",
        "경애하는 김정은동지께서",
        "金正恩同志视察",
        "Ким Чен Ын посетил",
    ],
)
def test_headlines_that_name_the_leader_are_known(title: str) -> None:
    assert concerns_leader(title)


def test_other_headlines_do_not_name_the_leader() -> None:
    assert not concerns_leader("Kim Jong Il Remembered")
