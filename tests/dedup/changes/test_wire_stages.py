import pytest

from dedup.changes.wire_stages import announces_update, parse_stage


@pytest.mark.parametrize(
    ("title", "rank", "bare"),
    [
        ("N. Korea fires missile", 1, "N. Korea fires missile"),
        ("(LEAD) N. Korea fires missile", 2, "N. Korea fires missile"),
        ("(2nd LD) N. Korea fires missile", 3, "N. Korea fires missile"),
        ("(3rd LD) N. Korea fires missile", 4, "N. Korea fires missile"),
        ("(URGENT) N. Korea fires missile", 0, "N. Korea fires missile"),
        ("[속보] 북, 미사일 발사", 0, "북, 미사일 발사"),
        ("[2보] 북, 미사일 발사", 2, "북, 미사일 발사"),
        ("북, 미사일 발사(종합)", 101, "북, 미사일 발사"),
        ("북, 미사일 발사(종합2보)", 102, "북, 미사일 발사"),
        ("UPDATE 2-North Korea fires missile", 3, "North Korea fires missile"),
        ("Urgent: DPRK fires missile", 0, "DPRK fires missile"),
        ("1st Ld-Writethru: DPRK fires missile", 2, "DPRK fires missile"),
    ],
)
def test_the_stage_of_a_wire_report_is_read(title: str, rank: int, bare: str) -> None:
    found = parse_stage(title)
    assert (found.rank, found.title) == (rank, bare)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Kim visits farm", "(LEAD) Kim visits farm", True),
        ("(URGENT) Kim visits farm", "Kim visits farm", True),
        ("[속보] 김정은 시찰", "김정은 시찰(종합)", True),
        ("Kim visits farm", "CORRECTED-Kim visits farm", True),
        ("Kim visits farm", "Kim visits new farm", False),
        ("(2nd LD) Kim visits farm", "(LEAD) Kim visits farm", False),
    ],
)
def test_a_later_stage_announces_itself(old: str, new: str, expected: bool) -> None:
    assert announces_update(old, new) is expected


def test_a_chain_is_in_order_of_its_stages() -> None:
    titles = ["(2nd LD) A", "(LEAD) A", "(URGENT) A", "A"]
    chain = sorted(titles, key=lambda title: parse_stage(title).rank)
    assert chain == ["(URGENT) A", "A", "(LEAD) A", "(2nd LD) A"]
