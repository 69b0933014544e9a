"""People, places and things in reports on North Korea, with their names in six languages.

Two articles can be found to share a topic without sharing a word. The weight of a concept says how
much it counts that two reports share it. Concepts in nearly every report (the leader, the country,
the party) have weight 0. They are listed so that their names are not mistaken for other concepts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Concept:
    """A person, place or thing with its names; Latin and Cyrillic names match in any case."""

    key: str
    weight: float
    names: tuple[str, ...]


def _make_concepts(weight: float, *rows: str) -> tuple[Concept, ...]:
    """Makes concepts from rows of names separated by `|`; the first name is also the key."""
    names_by_row = [[name.strip() for name in row.split("|")] for row in rows]
    return tuple(Concept(names[0], weight, tuple(filter(None, names))) for names in names_by_row)


CONCEPTS = (
    *_make_concepts(
        0.0,
        "Kim Jong Un|Kim Jong-un|김정은|金正恩|金正恩|Ким Чен Ын|Ким Чен Ына",
        "North Korea|DPRK|N. Korea|NKorea|북한|조선민주주의인민공화국|朝鲜|北朝鮮|КНДР|Северная Корея"
        "|Corea del Norte|Norcorea|RPDC",
        "Pyongyang|평양|平壤|平壌|Пхеньян|Pionyang",
        "Workers' Party of Korea|Workers’ Party of Korea|Workers' Party|조선로동당|노동당|劳动党|労働党"
        "|Трудовая партия|Partido del Trabajo",
    ),
    # People
    *_make_concepts(
        2.0,
        "Kim Ju Ae|Kim Ju-ae|Ju-ae|Ju Ae|김주애|주애|金主爱|キム・ジュエ|ジュエ|Ким Чжу Э",
        "Ri Sol Ju|Ri Sol-ju|리설주|이설주|李雪主|リ・ソルジュ|Ри Соль Чжу",
        "Kim Yo Jong|Kim Yo-jong|김여정|金与正|金與正|キム・ヨジョン|Ким Ё Чжон|Ким Е Чжон",
        "Kim Il Sung|Kim Il-sung|김일성|金日成|Ким Ир Сен",
        "Kim Jong Il|Kim Jong-il|김정일|金正日|Ким Чен Ир",
        "Choe Son Hui|Choe Son-hui|최선희|崔善姬|崔善姫|チェ・ソンヒ|Цой Сон Хи",
        "Choe Ryong Hae|Choe Ryong-hae|최룡해|崔龙海|崔龍海|チェ・リョンヘ|Цой Рён Хэ",
        "Pak Thae Song|Pak Thae-song|박태성|朴泰成|パク・テソン|Пак Тхэ Сон",
        "Kim Tok Hun|Kim Tok-hun|김덕훈|金德训|金徳訓|キム・ドクフン|Ким Док Хун",
        "Jo Yong Won|Jo Yong-won|조용원|赵甬元|趙甬元|チョ・ヨンウォン|Чо Ён Вон",
        "Pak Jong Chon|Pak Jong-chon|박정천|朴正天|パク・ジョンチョン|Пак Чон Чхон",
        "Ri Pyong Chol|Ri Pyong-chol|리병철|이병철|李炳哲|リ・ビョンチョル|Ри Бён Чхоль",
        "No Kwang Chol|No Kwang-chol|노광철|努光铁|努光鉄|ノ・グァンチョル|Но Гван Чхоль",
        "Ri Yong Gil|Ri Yong-gil|리영길|이영길|李永吉|リ・ヨンギル|Ри Ён Гиль",
        "Kim Jong Sik|Kim Jong-sik|김정식|金正植|キム・ジョンシク|Ким Чон Сик",
        "Jang Chang Ha|Jang Chang-ha|장창하|张昌河|張昌河|チャン・チャンハ|Чан Чан Ха",
        "Jo Chun Ryong|Jo Chun-ryong|조춘룡|赵春龙|趙春龍|チョ・チュンリョン|Чо Чхун Рён",
        "Jang Song Thaek|Jang Song-thaek|Jang Song Taek|Chang Song-thaek|장성택|张成泽|張成沢|Чан Сон Тхэк",
        "Kim Yong Chol|Kim Yong-chol|김영철|金英哲|Ким Ён Чхоль",
        "Ri Yong Ho|Ri Yong-ho|리용호|이용호|李勇浩|李容浩|Ли Ён Хо",
        "Vladimir Putin|Putin|푸틴|普京|プーチン|Путин|Путина|Путину",
        "Dmitry Medvedev|Medvedev|메드베데프|梅德韦杰夫|メドベージェフ|Медведев|Медведева",
        "Sergei Lavrov|Lavrov|라브로프|拉夫罗夫|ラブロフ|Лавров|Лаврова",
        "Sergei Shoigu|Shoigu|쇼이구|绍伊古|ショイグ|Шойгу",
        "Maria Zakharova|Zakharova|자하로바|扎哈罗娃|ザハロワ|Захарова",
        "Andrei Belousov|Belousov|벨로우소프|别洛乌索夫|ベロウソフ|Белоусов",
        "Xi Jinping|시진핑|习近平|習近平|Си Цзиньпин",
        "Wang Yi|왕이|王毅|Ван И",
        "Donald Trump|Trump|트럼프|特朗普|川普|トランプ|Трамп|Трампа",
        "Joe Biden|Biden|바이든|拜登|バイデン|Байден",
        "Barack Obama|Obama|오바마|奥巴马|オバマ|Обама",
        "Mike Pompeo|Pompeo|폼페이오|蓬佩奥|ポンペオ|Помпео",
        "Lee Jae Myung|Lee Jae-myung|이재명|李在明|イ・ジェミョン|Ли Чжэ Мён",
        "Yoon Suk Yeol|Yoon Suk-yeol|윤석열|尹锡悦|尹錫悦|Юн Сок Ёль",
        "Moon Jae In|Moon Jae-in|문재인|文在寅|Мун Чжэ Ин",
        "Park Geun Hye|Park Geun-hye|박근혜|朴槿惠|朴槿恵|Пак Кын Хе",
        "To Lam|또럼|苏林|トー・ラム|То Лам",
        "Thongloun Sisoulith|Thongloun|통룬|通伦|トンルン",
        "Otto Warmbier|Warmbier|웜비어|瓦姆比尔|ワームビア|Уормбир",
        "Kim Dong Chul|Kim Dong-chul|김동철|金东哲",
    ),
    # Places and countries
    *_make_concepts(
        1.0,
        "Russia|Russian|러시아|俄罗斯|ロシア|Россия|России|Rusia|ruso",
        "China|Chinese|중국|中国|中國|Китай|Китая|chino",
        "Japan|Japanese|일본|日本|Япония|Японии|Japón",
        "United States|U.S.|미국|美国|米国|США|Estados Unidos|EEUU",
        "South Korea|S. Korea|한국|남조선|韩国|韓国|Южная Корея|Corea del Sur",
        "Ukraine|우크라이나|乌克兰|ウクライナ|Украина|Украины|Ucrania",
        "Vietnam|베트남|윁남|越南|ベトナム|Вьетнам",
        "Laos|Lao|라오스|老挝|ラオス|Лаос",
        "Cuba|쿠바|꾸바|古巴|キューバ|Куба",
        "Syria|수리아|시리아|叙利亚|シリア|Сирия|Siria",
        "Iran|이란|伊朗|イラン|Иран|Irán",
        "Israel|이스라엘|以色列|イスラエル|Израиль",
    ),
    *_make_concepts(
        2.0,
        "Kursk|쿠르스크|꾸르스크|库尔斯克|クルスク|Курск|Курской",
        "Kaesong|개성|开城|開城|Кэсон",
        "Panmunjom|판문점|板门店|板門店|Пханмунджом",
        "Wonsan|원산|元山|Вонсан",
        "Sinuiju|신의주|新义州|新義州|Синыйджу",
        "Sinpo|신포|新浦|Синпхо",
        "Nampho|Nampo|남포|南浦|Нампхо",
        "Rason|나선|라선|罗先|羅先|Расон",
        "Yongbyon|영변|녕변|宁边|寧辺|Йонбён",
        "Punggye-ri|Punggye|풍계리|丰溪里|豊渓里|Пунгери",
        "Sohae|Tongchang-ri|서해위성|동창리|西海卫星|東倉里|Сохэ",
        "Paektu|백두산|白头山|白頭山|Пэкту",
        "Samjiyon|삼지연|三池渊|三池淵|Самчжиён",
        "Guam|괌|关岛|グアム|Гуам",
        "Singapore|싱가포르|新加坡|シンガポール|Сингапур|Singapur",
        "Hanoi|하노이|河内|ハノイ|Ханой",
        "Vladivostok|블라디보스토크|符拉迪沃斯托克|ウラジオストク|Владивосток",
    ),
    # Events and things
    *_make_concepts(
        2.0,
        "Kumsusan|금수산|锦绣山|錦繍山|Кымсусан|mausoleum",
        "multiple rocket launcher|rocket launcher|rocket launchers|MRLS|방사포|火箭炮|放射砲|ロケット砲"
        "|реактивная артиллерия|реактивных систем|lanzacohetes",
        "nuclear submarine|nuclear-powered submarine|핵잠|핵추진 ?잠수함|핵동력|核潜艇|原子力潜水艦|атомная подводная",
        "destroyer|구축함|驱逐舰|駆逐艦|эсминец|destructor",
        "cruise missile|cruise missiles|순항미사일|巡航导弹|巡航ミサイル|крылатая ракета|крылатых ракет|misil de crucero",
        "ICBM|intercontinental ballistic|대륙간탄도|대륙간 ?탄도|洲际弹道|大陸間弾道|межконтинентальная|intercontinental",
        "hypersonic|극초음속|高超音速|極超音速|гиперзвуков|hipersónico",
        "satellite|위성|卫星|衛星|спутник|satélite",
        "hydrogen bomb|H-bomb|수소탄|수소폭탄|氢弹|水爆|водородная бомба|bomba de hidrógeno",
        "nuclear test|핵실험|핵시험|核试验|核実験|ядерное испытание|ensayo nuclear|prueba nuclear",
        "munitions|군수공장|군수공업|军工厂|軍需工場|военный завод|fábrica de municiones",
        "tactical guided|전술유도|战术制导|戦術誘導",
        "live-fire|firing drill|화력 ?훈련|사격 ?훈련|발사 ?훈련|射击训练|射撃訓練",
        "parade|열병식|阅兵|閲兵|軍事パレード|парад|desfile",
        "plenary meeting|plenary session|plenum|전원회의|全会|全体会议|全員会議|総会|пленум|pleno",
        "party congress|당 ?대회|党大会|党代会|съезд|congreso del partido",
        "Supreme People's Assembly|최고인민회의|最高人民会议|最高人民会議|Верховное народное собрание",
        "floral basket|꽃바구니|花篮|花かご|корзина цветов",
        "tree planting|식수|植树|植樹",
        "flood|수해|홍수|큰물|洪水|洪涝|水害|наводнени|inundaci",
        "greenhouse|온실|温室|теплиц|invernadero",
        "hospital|병원|医院|病院|больниц",
        "resort|관광지구|旅游区|観光地区|курорт",
        "hotline|통신연락선|통신선|热线|ホットライン|горячая линия|línea directa",
        "armistice|정전협정|停战协定|休戦協定|перемирие|armisticio",
        "sanctions|제재|制裁|санкци|sanciones",
        "trash balloon|오물 ?풍선|垃圾气球|ごみ風船",
        "leaflet|삐라|전단|传单|ビラ|листовк|panfleto",
        "loudspeaker|확성기|扩音器|拡声器|громкоговорител",
        "defector|탈북|脱北|перебежчик|desertor",
        "execut|처형|处决|処刑|казн|ejecu",
        "summit|정상회담|首脑会谈|首脳会談|саммит|cumbre",
        "drone|무인기|无人机|無人機|беспилотник|dron",
    ),
    *_make_concepts(
        1.0,
        "missile|미사일|미싸일|导弹|ミサイル|ракет|misil",
        "inspect|시찰|현지지도|현지 ?지도|视察|視察|инспект|inspecciona",
        "letter|message|telegram|축전|친서|서한|贺电|祝電|書簡|телеграмм|послани|telegrama|mensaje|carta",
        "New Year|새해|신년|新年|Новый год|Новым годом|Año Nuevo",
        "anniversary|기념일|돌을|주년|周年|годовщин|aniversario",
        "alliance|동맹|同盟|союз|alianza",
        "troops|파병|참전|派兵|войска|tropas",
        "factory|공장|工厂|工場|завод|fábrica",
        "launch|발사|发射|発射|запуск|lanzamiento",
        "daughter|딸|女儿|娘|дочь|hija",
        "warship|군함|军舰|軍艦|корабл|buque",
        "statement|담화|声明|談話|заявлени|declaración",
        "ambassador|대사|大使|посол|embajador",
        "congratulat|축하|祝贺|祝賀|поздрав|felicit",
        "condolence|조의|조전|위문|慰问|弔意|соболезн|condolencia",
    ),
)


def find_concepts(text: str) -> frozenset[str]:
    """Returns the keys of the concepts that a text names. Linear in the text."""
    folded = text.casefold()
    return frozenset(_iter_alphabetic_concepts(folded)) | frozenset(_iter_cjk_concepts(folded))


@cache
def concept_weights() -> dict[str, float]:
    """Returns the weight of each concept, by key."""
    return {concept.key: concept.weight for concept in CONCEPTS}


_WORD = re.compile(r"[a-zà-ÿа-яё][\w'’.-]*")
_BEGINNING = 3


def _iter_alphabetic_concepts(text: str) -> Iterator[str]:
    """Yields concepts with Latin or Cyrillic names, looked up by the first letters of each word."""
    beginnings = _by_beginning()
    for word in _WORD.finditer(text):
        for name, key in beginnings.get(word.group()[:_BEGINNING], ()):
            if text.startswith(name, word.start()):
                yield key
                break


def _iter_cjk_concepts(text: str) -> Iterator[str]:
    """Yields concepts with Korean, Chinese or Japanese names."""
    by_name = _concept_by_cjk_name()
    return (
        by_name[found.group().replace(" ", "")] for found in _cjk_names_pattern().finditer(text)
    )


@cache
def _by_beginning() -> dict[str, list[tuple[str, str]]]:
    table: dict[str, list[tuple[str, str]]] = {}
    for name, key in sorted(_name_key_pairs(alphabetic=True), key=lambda pair: -len(pair[0])):
        first_word = _WORD.match(name)
        if first_word:
            table.setdefault(first_word.group()[:_BEGINNING], []).append((name, key))
    return table


@cache
def _concept_by_cjk_name() -> dict[str, str]:
    return {name.replace(" ?", ""): key for name, key in _name_key_pairs(alphabetic=False)}


@cache
def _cjk_names_pattern() -> re.Pattern[str]:
    names = sorted((name for name, _ in _name_key_pairs(alphabetic=False)), key=len, reverse=True)
    first = "".join(sorted({name[0] for name in names}))
    alternatives = "|".join(re.escape(name).replace(r"\ \?", " ?") for name in names)
    return re.compile(f"(?=[{first}])(?:{alternatives})")


def _name_key_pairs(*, alphabetic: bool) -> list[tuple[str, str]]:
    pairs = [(name.casefold(), each.key) for each in CONCEPTS for name in each.names]
    return [(name, key) for name, key in pairs if bool(_WORD.match(name)) is alphabetic]
