from unicodedata import combining

from dedup.text.alphabet import fold, folding

PLANE = range(0xFFFF)
JAMO = range(0x1100, 0x1200)


def test_the_table_folds_each_character_as_it_is_folded_alone() -> None:
    """Whole blocks of characters are looked at together where nothing in them changes."""
    table = folding()
    for code in PLANE:
        parts, folded = fold(code), int(table.single[code])
        if code in JAMO or combining(chr(code)):
            assert folded == 0xFFFFFFFE
        elif len(parts) > 1:
            assert (folded, table.expansions[code]) == (0xFFFFFFFF, parts)
        else:
            assert folded == (parts or (0,))[0]
    assert len(table.expansions) == sum(table.single[:-1] == 0xFFFFFFFF)
