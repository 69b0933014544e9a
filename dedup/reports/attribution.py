"""Finds the sources that an article cites: verb, headline tag, dateline, photo credit, byline."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from dedup.records import Attribution
from dedup.reports.agencies import AGENCY_NAMES

MAX_CHARS = 100_000
MAX_NAMES = 300
"""Agency names that are read in a text; a text with more is no report."""

_VERB_REACH_CHARS = 60
"""A verb is looked for within this many characters before and after a name."""

_MAX_DATELINE_OFFSET = 3000
_SENTENCE = re.compile(r"[.!?。！？]\s|[。！？\n]|다\.")

_PHOTO = re.compile(
    r"photo|picture|image|footage|screenshot|captured|courtesy|handout|\bvia\b|사진|화면|캡처|캡쳐|제공"
    r"|写真|画像|照片|图片|фото|снимок|кадр|imagen|fotograf|captura|capture",
    re.IGNORECASE,
)
_VERB_AFTER = re.compile(
    # English, Spanish, French, Russian
    r"\b(?:said|says?|saying|tells|quotes|insist(?:s|ed)|denie[sd]|accused|confirm(?:s|ing)|reported|reports?|reporting|announced|announces|claimed|claims|carried"
    r"|published|released|quoted|cited|added|noted|confirmed|described|revealed|disclosed|dispatch"
    r"|commentary|statement|broadcast|aired|showed|warned|stated|wrote"
    r"|informó|informa|dijo|reportó|reporta|anunció|difundió|citó|publicó|señaló|aseguró|indicó"
    r"|reseñó|afirmó|destacó"
    r"|rapporté|rapporte|annoncé|indiqué|déclaré|affirmé|cité|publié|diffusé|précisé"
    r"|сообщ\w{1,10}|передал\w{0,2}|передаёт|передает|пишет|заявил\w{0,2}|отмеча\w{1,6}|опубликов\w{1,8}"
    r"|информиру\w{1,5}|процитир\w{1,8})\b"
    # Chinese, Japanese
    r"|(?:报道|報道|报导|報導|消息|发表|發表|公布|刊登|援引|表示|[称稱](?![号號]))"
    r"|(?:報じ|伝え|によると|によれば|発表|報道|論評)",
    re.IGNORECASE,
)
# Korean: the particle after the name separates a source from a newspaper that is the topic. The
# verb ends the sentence, which may be long.
_KOREAN_VERB_AFTER = re.compile(
    r"(?: ?(?:통신사?|방송|TV|신문)(?=[은는이가도을를의에과와 ]))?"
    r"(?:\s?[(（][^()（）\n]{0,20}[)）])?(?:\s?(?:등|과|와)\s?[^.\n]{0,20}?(?:매체|언론|외신)들?)?\s?(?:"
    r"에 (?:따르면|의하면)|의 보도에 따르면|[을를] 인용"
    r"|[을를] 통해[^.\n]{0,60}?(?:보도|전했|밝혔|공개|발표|선전)"
    r"|(?:\s?\d면)?에(?:도)? (?:\d면에 )?(?:보도|실렸|실린|게재|공개|소개)"
    r"|(?:은|는|도)\s[^.\n]{0,220}?(?:보도|전했|전하|밝혔|공개했|게재|소개|주장|비난|강조|논평|의미를 부여|방영)"
    r"|(?:이|가|들이)\s[^.\n]{0,30}?(?:밝혔|공개했|공개한|주장|비난)"
    r"|(?:이|가|들이)\s[^.\n]{0,220}?(?:보도|전했|전하|게재|논평|방영)"
    r"|보도(?:했|에|를|로)|기사(?! ?문의)|논평|사설"
    r")"
)
_HANGUL = re.compile(r"[가-힣]")
_FINAL_VERB_JAPANESE = re.compile(r"(?:は|が|、)[^。\n]{0,220}?(?:報じ|伝え|発表|放送|掲載)")
_VERB_BEFORE = re.compile(
    r"(?:according to|citing|cited by|quoted by|quoting|reported by|reports by|carried by|released by"
    r"|published by|issued by|announced by|told|tells|said|interview with|in a (?:report|dispatch|statement) (?:by|from)"
    r"|según|de acuerdo con|citad[oa] por|despacho de|(?:contó|dijo|declaró) a|informó|difundid[oa] por|dijo|reportó|publicad[oa] por"
    r"|selon|d['’]après|citée? par|a rapporté|rapporte|a annoncé|a indiqué"
    r"|по данным|по информации|со ссылкой на|сообщ\w{1,10}|передал\w{0,2}|передаёт|передает|пишет"
    r"|据|據|援引|引述|引用)\s?(?:the |la |el |l['’]|le |au? |agency |agencia |agence |агентств\w{1,3} )*"
    r"(?:[\w'’-]{1,20} ){0,4}\W{0,3}$",
    re.IGNORECASE,
)
_DATELINE_AFTER = re.compile(
    r"\s{0,2}(?:[)）\]]\s{0,3}(?:[가-힣·,\s]{2,40}(?:기자|특파원)\s{0,2})?(?:--|—|–|-|=|:)|/\.?|[】］〕])"
)
_DATELINE_BEFORE = re.compile(
    r"(?:[(（\[/]|[(（\[][^()\[\]\n]{1,20}=\s?-?|[【［〔][^【】［］〔〕\n]{0,20})\s{0,2}$"
)
_OPEN_DATELINE = re.compile(
    # Russian agencies use no brackets: "ГОРОД, 6 мая - АГЕНТСТВО."
    r"^[А-ЯЁ][\w -]{1,30}[,.] \d{1,2} [а-яё]{3,8}(?: \d{4})?(?: г\.)?(?: ?[-–—]|\.) $"
)
_OPEN_DATELINE_AFTER = re.compile(r"\.(?:\s|$)|(?:\.\w{2,3})? ?[-–—] ")
_CONTRIBUTED = re.compile(
    r"[^.\n]{0,40}(?:contributed to|created|(?:was|were) used in) this (?:report|story)"
)
_CREDITED = re.compile(
    r"(?:\b(?:photo|photograph|photos|picture|image|copyright|credit|foto|fotos|imagen|photographie|фото)\b|©)"
    r"[ :.–-]{0,4}(?:[\w .,'’-]{2,40}/ ?){0,3}$",
    re.IGNORECASE,
)
_CREDIT_AFTER = re.compile(r"/(?:Getty|AP|AFP|Reuters|EPA|Yonhap)\b|,? (?:Photo|photo|via Getty)\b")
_GENERIC = frozenset({"state media", "state-run media", "state news agency", "관영매체"})
_OTHER_COUNTRY_BEFORE = re.compile(
    # The country of the state media, if it is not North Korea
    r"(?:\b(?!Korean?\b|Korea['’]|Pyongyang)[A-Z][a-z]+(?:ese|ian|ean|an|ish|[’']s|s['’])|\b(?:Saudi|Iraqi|Yemeni|Houthi"
    r"|Israeli|Thai|Lao|Greek|Czech|French|Beijing|Moscow|Tehran|Damascus|China|Russia|Iran|Syria|Vietnam|Cuba))"
    r"(?:-run)?[ -](?:(?:government|official|Communist)[ -])?$"
    r"|(?:중국|中|러시아|러|이란|시리아|쿠바|베트남|대만|미얀마|벨라루스|튀르키예|사우디) ?$"
)
_HAN_DATELINE = re.compile(r"^[\u3400-\u9fff]{1,8}\d{1,2}(?:月\d{1,2})?日[电電讯訊]")
_ALPHABETIC = re.compile(r"[A-Za-zÀ-ÿА-яЁё]")
_TITLE_TAG_BEFORE = re.compile(
    r"(?:[:：|–—-]\s{0,2}|…\s{0,2}|[(（\[]\s{0,2})(?:the\s)?$", re.IGNORECASE
)
_TITLE_TAG_AFTER = re.compile(r"\s{0,2}[:：|–—]")
_TITLE_QUOTE_AFTER = re.compile(r"\s{0,2}[\"“'‘「]")
_PAPERS = frozenset({"rodong", "choson sinbo", "global times"})


def find_attributions(title: str, text: str, language: str = "") -> list[Attribution]:
    """Returns the agencies that an article names as its source, those in the headline first.

    A name counts only if a verb, bracket or position makes it a source; other mentions are left
    out. All seven languages are tried; `language` is ignored. Linear in the text; never raises.
    """
    del language
    found = [*_in_title(title[:MAX_CHARS]), *_in_text(text[:MAX_CHARS])]
    return sorted(found, key=lambda each: (each.field != "title", each.start, each.end))


def _in_title(title: str) -> Iterator[Attribution]:
    for name in _each_name(title):
        before, after = title[: name.start()], title[name.end() :]
        tag_before = _TITLE_TAG_BEFORE.search(before[-6:])
        if tag_before and not after.strip(" )]）’”'\""):
            yield _make_attribution(title, "title", "title-tag", name, len(tag_before.group()), 0)
        elif not before.strip(" \"“'‘[(北") and _is_leading_source(name, after):
            yield _make_attribution(title, "title", "title-tag", name, 0, 0)
        else:
            yield from _verb(title, "title", name)


def _is_leading_source(name: re.Match[str], after: str) -> bool:
    """Returns whether a name at the start of a headline is its source.

    A newspaper's name before a quotation may be the topic, so it does not count.
    """
    if _TITLE_TAG_AFTER.match(after):
        return True
    return _agency(name) not in _PAPERS and bool(_TITLE_QUOTE_AFTER.match(after))


def _in_text(text: str) -> Iterator[Attribution]:
    for name in _each_name(text):
        yield from (
            _dateline(text, name)
            or _photo(text, name)
            or _contribution(text, name)
            or _verb(text, "text", name)
        )


def _each_name(text: str) -> Iterator[re.Match[str]]:
    """Yields the names, except a short name in brackets after the long name of the same agency."""
    previous: re.Match[str] | None = None
    for name in islice(_names().finditer(text), MAX_NAMES):
        if name.group() in _GENERIC and _OTHER_COUNTRY_BEFORE.search(
            text[max(0, name.start() - 40) : name.start()]
        ):
            continue
        same_agency = previous is not None and _agency(previous) == _agency(name)
        if not (
            same_agency and previous and text[previous.end() : name.start()].strip() in {"(", "（"}
        ):
            yield name
        previous = name


def _contribution(text: str, name: re.Match[str]) -> list[Attribution]:
    credit = _CONTRIBUTED.match(text, name.end(), name.end() + 90)
    return (
        [_make_attribution(text, "text", "byline", name, 0, credit.end() - name.end())]
        if credit
        else []
    )


def _dateline(text: str, name: re.Match[str]) -> list[Attribution]:
    if name.start() > _MAX_DATELINE_OFFSET:
        return []
    before, after = (
        text[max(0, name.start() - 40) : name.start()],
        text[name.end() : name.end() + 60],
    )
    bracket, end = _DATELINE_BEFORE.search(before), _DATELINE_AFTER.match(after)
    if bracket and end and not _PHOTO.search(bracket.group()):
        return [_make_attribution(text, "text", "dateline", name, len(bracket.group()), end.end())]
    open_before = _OPEN_DATELINE.search(before[before.rfind("\n") + 1 :])
    open_end = _OPEN_DATELINE_AFTER.match(after)
    if open_before and open_end and (name.start() <= 40 or "\n" in before):
        return [
            _make_attribution(
                text, "text", "dateline", name, len(open_before.group()), open_end.end()
            )
        ]
    chinese = _HAN_DATELINE.match(after)
    return [_make_attribution(text, "text", "dateline", name, 0, chinese.end())] if chinese else []


def _photo(text: str, name: re.Match[str]) -> list[Attribution]:
    """Finds a photo credit: in brackets, beside a credit word, or after `released by` and so on."""
    before = _sentence_before(text, name.start(), 160)
    after = text[name.end() : name.end() + 40]
    open_index = max(before.rfind("("), before.rfind("["), before.rfind("（"))
    is_inside_bracket = open_index > max(before.rfind(")"), before.rfind("]"), before.rfind("）"))
    closing = re.match(r"[^()\[\]（）\n]{0,40}[)\]）]", after)
    if is_inside_bracket and closing:
        bracket = before[open_index:] + closing.group()
        words = [word for word in re.split(r"[\s/=,]+", bracket.strip("()[]（） ")) if word]
        if _PHOTO.search(bracket) or (len(words) <= 3 and _PHOTO.search(before[:open_index])):
            return [
                _make_attribution(
                    text, "text", "photo-credit", name, len(before) - open_index, closing.end()
                )
            ]
    credit_before = _CREDITED.search(before[-130:])
    credit_after = _CREDIT_AFTER.match(after)
    if (credit_before or credit_after) and not _VERB_AFTER.match(after.lstrip()):
        start, end = (
            len(credit_before.group()) if credit_before else 0,
            credit_after.end() if credit_after else 0,
        )
        return [_make_attribution(text, "text", "photo-credit", name, start, end)]
    if re.search(r"(?:photo|picture|image|footage|사진)", before, re.IGNORECASE):
        release_phrase = re.search(
            r"(?:released|published|provided|distributed|issued|supplied) (?:\w+ ){0,3}by (?:the |North Korea['’]s |state(?:-run)? |official )*$"
            r"|(?:released|taken|broadcast) by (?:the )?$",
            before,
            re.IGNORECASE,
        )
        if release_phrase:
            return [
                _make_attribution(
                    text, "text", "photo-credit", name, len(release_phrase.group()), 0
                )
            ]
    return []


def _verb(text: str, field: str, name: re.Match[str]) -> list[Attribution]:
    before = _sentence_before(text, name.start(), _VERB_REACH_CHARS)
    verb_before = _VERB_BEFORE.search(before)
    if verb_before:
        return [_make_attribution(text, field, "verb", name, len(before) - verb_before.start(), 0)]
    verb_end = _verb_phrase_end(text, name)
    return (
        [_make_attribution(text, field, "verb", name, 0, verb_end - name.end())] if verb_end else []
    )


def _verb_phrase_end(text: str, name: re.Match[str]) -> int:
    """Returns where the verb phrase after a name ends; 0 if no such phrase follows."""
    if _HANGUL.search(text[name.end() - 1 : name.end() + 2]):
        found = _KOREAN_VERB_AFTER.match(text, name.end(), name.end() + 300)
        return found.end() if found else 0
    sentence_end = _SENTENCE.search(text, name.end(), name.end() + _VERB_REACH_CHARS)
    found = _VERB_AFTER.search(
        text, name.end(), sentence_end.end() if sentence_end else name.end() + _VERB_REACH_CHARS
    )
    found = found or _FINAL_VERB_JAPANESE.match(text, name.end(), name.end() + 260)
    return found.end() if found else 0


def _sentence_before(text: str, end: int, reach: int) -> str:
    before = text[max(0, end - reach) : end]
    start = 0
    for sentence_end in _SENTENCE.finditer(before):
        start = sentence_end.end()
    return before[start:]


def _make_attribution(
    text: str, field: str, kind: str, name: re.Match[str], before: int, after: int
) -> Attribution:
    start, end = name.start() - before, name.end() + after
    return Attribution(_agency(name), kind, field, start, end, text[start:end])


def _agency(name: re.Match[str]) -> str:
    return _agencies()[name.group().casefold()]


@cache
def _agencies() -> dict[str, str]:
    return {name.casefold(): agency for agency, names in AGENCY_NAMES.items() for name in names}


@cache
def _names() -> re.Pattern[str]:
    """Returns a pattern of all names, longest first.

    Latin and Cyrillic names match as whole words and in the listed case.
    """
    names = sorted(
        (name for names in AGENCY_NAMES.values() for name in names), key=len, reverse=True
    )
    alphabetic_names = [name for name in names if _ALPHABETIC.match(name)]
    other_names = [name for name in names if not _ALPHABETIC.match(name)]
    alphabetic_class = r"[A-Za-zÀ-ÿА-яЁё]"
    return re.compile(
        f"{_build_alternation(alphabetic_names, rf'(?<!{alphabetic_class}.)', r'(?![a-zà-ÿа-яё])')}|{_build_alternation(other_names)}"
    )


def _build_alternation(names: list[str], before: str = "", after: str = "") -> str:
    """Returns a pattern of these names, grouped by first letter.

    It starts with plain letters, so that `re` skips other positions quickly. `before` is a
    look-behind that is checked after the first letter.
    """
    endings_by_first = {
        name[0]: [each[1:] for each in names if each[0] == name[0]] for name in names
    }
    return "|".join(
        f"{first}{before}(?:{'|'.join(map(re.escape, endings))}){after}"
        for first, endings in endings_by_first.items()
    )
