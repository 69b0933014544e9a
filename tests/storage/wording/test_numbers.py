from storage.wording.numbers import format_count


def test_one_thing_is_not_several() -> None:
    assert [format_count(number, "problem") for number in (0, 1, 2, 3000)] == [
        *("0 problems", "1 problem", "2 problems", "3,000 problems"),
    ]
    assert format_count(2, "copy", "copies") == "2 copies"
