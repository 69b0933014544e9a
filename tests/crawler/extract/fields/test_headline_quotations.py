"""Headlines with quotations: no cut falls inside a pair of marks, whatever the script."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.extraction import Extraction
from crawler.extract.fields.quotations import quoted_passages
from crawler.extract.fields.title_tails import iter_cuts, remove_site_name

ReadHtml = Callable[..., Extraction]

WHOLE = [
    "Рыбаки осмотрели маяк «Луч» у мыса",
    "Экипаж «Волны» и «Чайки» вернулся домой",
    "Рыбаки: «Мы видели маяк «Луч» | и причал»",
    "Le phare « Étoile » rouvre au public",
    "Der Kutter »Möwe« läuft wieder aus",
    "Der Kapitän sagt: »Die ›Möwe‹ | ist heil« und lacht",
    "Färjan »Måsen» går igen | i dag",
    "Die Fähre «Möwe» fährt wieder",
    "Le maire : ‹ On rouvre | demain ›",
    "《海角日报》发表社论",
    "渔民观看《灯塔》并讲话",
    "등대 영화 《파도》 관람",
    "〈파도 | 바다〉 다시 상영",
    "「港 | 海」展が始まる",
    "『灯台--光と影』を上映",
    "【速報 | 港】船が再開",
    "漁師の声（海 | 港）を聞く",
    "Harbour: “Boats | piers” opens",
    'Harbour "Boats | piers" opens',
    "Harbour 'Boats | piers' opens",
    "Kuter „Mewa | Fala” wraca",
    "[현장 | 바다] 배가 다시 뜬다",
]


@pytest.mark.parametrize("title", WHOLE)
@pytest.mark.parametrize(
    "tail", ["", " | Coastal Courier", " - Coastal Courier", " — Coastal Courier"]
)
def test_a_quotation_is_not_cut(title: str, tail: str) -> None:
    kept = title.rsplit(" | i dag", 1)[0]
    assert remove_site_name(title + tail, ["Coastal Courier"]) in (title, kept)


@pytest.mark.parametrize("title", WHOLE)
@pytest.mark.parametrize(
    "head", ["", '<meta property="og:title" content="{}">', '<meta name="title" content="{}">']
)
def test_a_page_with_a_quotation_in_its_headline_keeps_it(
    title: str, head: str, read_html: ReadHtml
) -> None:
    escaped = title.replace('"', "&quot;").replace("<", "&lt;")
    text = "<p>The ferry runs again since Monday, the harbour office said in a statement.</p>" * 5
    html = f"<html><head><title>{escaped}</title>{head.format(escaped)}</head><body>"
    found = read_html(f"{html}<h1>{escaped}</h1><div>{text}</div></body></html>")
    assert found.article is not None
    assert found.article.title == title


@pytest.mark.parametrize(
    ("title", "quoted"),
    [
        ("»A« und »B«", ["»A«", "»B«"]),
        ("»A» och »B»", ["»A»", "»B»"]),
        ("Hafen » Sport » Seite", []),
        ("News » Besuch auf «Möwe»", ["«Möwe»"]),
        ("5 > 3 > 1", []),
        ("<인터뷰> 선장", ["<인터뷰>"]),
        ("it's the boys' boat", []),
        ("‘It’s ours’ says", ["‘It’s ours’"]),
        ("Rock 'n' roll", ["'n'"]),
        ('65" screens | 55" screens', []),
        ("「あ『い』う」", ["「あ『い』う」"]),
        ("«a (b» c)", ["«a (b»"]),
        ("„a“ „b”", ["„a“", "„b”"]),
        ("no marks", []),
    ],
)
def test_pairs_of_marks_are_found(title: str, quoted: list[str]) -> None:
    assert [title[start:end] for start, end in quoted_passages(title)] == quoted


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("Boats run again » Coastal Courier", "Boats run again"),
        ("Boats run again » World » Coastal Courier", "Boats run again"),
        ("Рыбаки вернулись » Вести", "Рыбаки вернулись"),
        ("船が再開》海辺新聞", "船が再開"),
        ("«Луч» снова светит » Вести", "«Луч» снова светит"),
        ("Boats run again › Coastal Courier", "Boats run again"),
        ("风暴过后渔船全部复航_要闻_海角网（原渔民网）", "风暴过后渔船全部复航"),
    ],
)
def test_a_mark_without_a_partner_still_parts_the_sites_name(title: str, meant: str) -> None:
    assert remove_site_name(title, ["Coastal Courier", "Вести", "海辺新聞"]) == meant


PAIRS = st.sampled_from(
    ["«»", "»«", "‹›", "›‹", "“”", "„“", "„”", "‘’", "「」", "『』", "〈〉", "《》", "【】", "（）", "()",
     "[]", '""', "〔〕", "»»"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["boat", "маяк", "灯台", "바다", "à quai", "a | b", "x - y", "p: q", "一--二", "m_n"]
)


@st.composite
def quotations(draw: st.DrawFn) -> str:
    pair = draw(PAIRS)
    opening, closing = pair[0], pair[1]
    return f"{opening}{draw(WORDS)}{closing}"


@given(st.lists(quotations(), min_size=1, max_size=5))
def test_no_cut_falls_inside_a_balanced_quotation(parts: list[str]) -> None:
    title = " ".join(parts)
    starts = [sum(len(part) + 1 for part in parts[:index]) for index in range(len(parts))]
    for cut in iter_cuts(title):
        assert not any(
            start < cut.end < start + len(part) for start, part in zip(starts, parts, strict=True)
        ), (title, cut)


@given(quotations(), st.sampled_from([" - ", " | ", " — ", " » "]))
def test_the_sites_name_goes_from_behind_a_quotation(quotation: str, mark: str) -> None:
    assert remove_site_name(f"{quotation}{mark}Coastal Courier", ["Coastal Courier"]) == quotation


@given(st.text(alphabet="«»‹›“”„‘’'\"「」《》()[]<> ab|-", max_size=60))
def test_any_marks_give_passages_in_order(text: str) -> None:
    ends = [0]
    for start, end in quoted_passages(text):
        assert ends[-1] <= start < end <= len(text)
        ends.append(end)


@pytest.mark.parametrize("mark", ["«", "»", "'", '"', "(", "»a", "«a»", "|", " - ", "<a>"])
def test_many_marks_are_read_quickly(mark: str) -> None:
    assert isinstance(remove_site_name(mark * 2000, ["Courier"]), str)
