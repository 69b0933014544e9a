"""Names of the agencies and media that reports on North Korea cite, in seven languages."""

_RUSSIAN_NEUTER = (("ое", "о"), ("ого", "а"), ("ому", "у"), ("ым", "ом"), ("ом", "е"))
_RUSSIAN_SOFT_NEUTER = (("ое", "е"), ("ого", "я"), ("ому", "ю"), ("ым", "ем"), ("ом", "и"))
_RUSSIAN_PLURAL = ("ые", "ых", "ым", "ыми")
"""Endings of Russian adjectives and nouns in the cases that a source is named in."""

AGENCY_NAMES: dict[str, tuple[str, ...]] = {
    "kcna": (
        "Korean Central News Agency",
        "Korea Central News Agency",
        "KCNA",
        "조선중앙통신",
        "중앙통신",
        "중통",
        "朝鮮中央通信",
        "朝鲜中央通讯社",
        "朝鲜中央通讯",
        "朝鲜中央社",
        "朝鮮中央通訊社",
        "朝鮮中央通訊",
        "朝鮮中央社",
        "北韓中央通訊社",
        "北韓中央社",
        "北韓中通社",
        "朝中社",
        "朝中通讯社",
        "朝中通",
        *(
            f"{first}ентральн{adjective} телеграфн{adjective} агентств{noun} {country}"
            for first in "Цц"
            for adjective, noun in _RUSSIAN_NEUTER
            for country in ("Кореи", "КНДР")
        ),
        *(
            f"Центральн{adjective} телеграфн{adjective} агентств{noun}"
            for adjective, noun in _RUSSIAN_NEUTER
        ),
        "ЦТАК",
        "Agencia Central de Noticias de Corea",
        "Agencia Central de Noticias Coreana",
        "Agencia Central Coreana de Noticias",
        "Agencia Telegráfica Central de Corea",
        "ACNC",
        "ATCC",
        "Agence centrale de presse coréenne",
        "Agence centrale de presse nord-coréenne",
        "Agence télégraphique centrale de Corée",
        "Agence télégraphique centrale coréenne",
    ),
    "rodong": (
        "Rodong Sinmun",
        "Rodong Shinmun",
        "Rodong Sinmum",
        "Nodong Sinmun",
        "노동신문",
        "로동신문",
        "労働新聞",
        "劳动新闻",
        "勞動新聞",
        *(f"{first}одон {second}инмун" for first in "НР" for second in "сС"),
    ),
    "krt": (
        "Korean Central Television",
        "Korean Central TV",
        "Korean Central Broadcasting",
        "Korean Central Radio",
        "Korea Central Television",
        "Pyongyang Radio",
        "Radio Pyongyang",
        "KCTV",
        "KCBS",
        "KRT",
        "조선중앙TV",
        "조선중앙 TV",
        "조선중앙텔레비전",
        "조선중앙텔레비죤",
        "조선중앙방송",
        "중앙TV",
        "평양방송",
        "朝鮮中央テレビ",
        "朝鲜中央电视台",
        "朝鮮中央電視台",
        "北韓中央電視台",
        "朝鮮中央放送",
        "朝鲜中央广播电台",
        "朝鮮中央廣播電台",
        "北韓中央廣播電台",
        "平壤广播电台",
        "平壤廣播電台",
        "平壌放送",
        *(
            f"Центральн{adjective} телевидени{noun} {country}"
            for adjective, noun in _RUSSIAN_SOFT_NEUTER
            for country in ("Кореи", "КНДР", "Северной Кореи")
        ),
        "ЦТК",
        "Televisión Central de Corea",
        "Televisión Central Coreana",
        "télévision centrale coréenne",
        "Télévision centrale coréenne",
    ),
    "voice of korea": (
        "Voice of Korea",
        "조선의 소리",
        "조선의소리",
        "朝鮮の声",
        "朝鲜之声",
        "朝鮮之聲",
        "Голос Кореи",
        "Voz de Corea",
        "Voix de la Corée",
    ),
    "minju joson": (
        "Minju Joson",
        "Minju Choson",
        "민주조선",
        "民主朝鮮",
        "民主朝鲜",
        "Минчжу Чосон",
        "Минджу Чосон",
        "Минчу Чосон",
    ),
    "pyongyang times": ("Pyongyang Times", "평양타임스", "平壤时报", "平壤時報"),
    "dprk today": ("DPRK Today", "조선의 오늘", "조선의오늘", "今日朝鲜", "今日朝鮮"),
    "meari": ("Arirang-Meari", "Arirang Meari", "Meari", "아리랑메아리", "통일의 메아리"),
    "naenara": ("Naenara", "내나라"),
    "tongil sinbo": ("Tongil Sinbo", "Thongil Sinbo", "통일신보", "統一新報", "统一新报"),
    "uriminzokkiri": (
        "Uriminzokkiri",
        "우리민족끼리",
        "我们民族之间",
        "我們民族之間",
        "わが民族同士",
    ),
    "choson sinbo": ("Choson Sinbo", "Chosun Sinbo", "조선신보", "朝鮮新報", "朝鲜新报"),
    "state media": (
        *(
            f"{whose} {media}"
            for whose in ("North Korea's", "North Korea’s", "North's", "North’s", "North Korean")
            for media in (
                "state media",
                "media",
                "official media",
                "state television",
                "state TV",
                "state broadcaster",
                "state radio",
            )
        ),
        "state-run media",
        "state-controlled media",
        "state media",
        "state news agency",
        "state-run news agency",
        "state-run news",
        "state television",
        "state TV",
        "state-run television",
        "state-run TV",
        "official news agency",
        "official media",
        "북한 관영매체",
        "북한 관영 매체",
        "북한 관영언론",
        "북한 매체",
        "북한매체",
        "북한 언론",
        "북한 TV",
        "북한TV",
        "북한 방송",
        "북매체",
        "북 매체",
        "北매체",
        "北 매체",
        "北 TV",
        "北TV",
        "北통신",
        "北 통신",
        "대외선전매체",
        "대외 선전매체",
        "대남 선전매체",
        "관영매체",
        "관영 매체",
        "朝媒",
        *(
            f"{country}{media}"
            for country in ("朝鲜", "北韩", "朝鮮", "北韓")
            for media in (
                *("官媒", "媒体", "媒體", "传媒", "傳媒", "官方媒体", "官方媒體"),
                *("官方传媒", "官方傳媒", "国家电视台", "國家電視台", "国营媒体", "國營媒體"),
                *("官方電視台", "官方电视台", "电视台", "電視台", "国家媒体", "國家媒體"),
            )
        ),
        *(
            f"北朝鮮{of}{media}"
            for of in ("", "の", "国営", "の国営", "の官営", "の公式", "官営", "公式")
            for media in ("メディア", "テレビ", "通信社", "ラジオ")
        ),
        *(
            f"{adjective}{ending} СМИ{country}"
            for ending in _RUSSIAN_PLURAL
            for adjective, country in (
                ("государственн", " КНДР"),
                ("официальн", " КНДР"),
                ("государственн", " Северной Кореи"),
            )
        ),
        *(
            f"{first}еверокорейск{ending} {media}"
            for first in "сС"
            for ending, media in (
                *(("ие", "СМИ"), ("их", "СМИ"), ("им", "СМИ"), ("ими", "СМИ")),
                *(("ие", "государственные СМИ"), ("их", "государственных СМИ")),
                *(("ое", "информагентство"), ("ого", "информагентства")),
                *(("ое", "агентство"), ("ого", "агентства"), ("им", "агентством")),
                *(("ое", "информационное агентство"), ("ого", "информационного агентства")),
                *(("ое", "телевидение"), ("ого", "телевидения"), ("ому", "телевидению")),
                *(("ое", "государственное телевидение"), ("ое", "радио"), ("ая", "пресса")),
                *(("ая", "газета"), ("ой", "газеты"), ("ой", "газете")),
            )
        ),
        *(
            f"{first}осударственн{adjective} телевидени{noun} {country}"
            for first in "гГ"
            for adjective, noun in _RUSSIAN_SOFT_NEUTER
            for country in ("КНДР", "Северной Кореи")
        ),
        "гостелевидение КНДР",
        "гостелевидения КНДР",
        "Гостелевидение КНДР",
        "СМИ КНДР",
        "СМИ Северной Кореи",
        *(
            f"{medium} {whose}"
            for medium in (
                "medios estatales",
                "medios oficiales",
                "prensa estatal",
                "prensa oficial",
            )
            for whose in ("norcoreanos", "norcoreana", "de Corea del Norte", "de Pyongyang")
        ),
        "medios norcoreanos",
        "prensa norcoreana",
        "televisión estatal norcoreana",
        "televisión norcoreana",
        "agencia norcoreana",
        "agencia estatal norcoreana",
        "agencia oficial norcoreana",
        "agencia estatal de noticias norcoreana",
        "agencia oficial de Corea del Norte",
        "medios estatales",
        "medios oficiales",
        "agencia estatal de noticias",
        *(
            f"{medium} {whose}"
            for medium in ("médias d'État", "médias d’État", "médias officiels", "médias")
            for whose in ("nord-coréens", "de Corée du Nord", "de Pyongyang")
        ),
        *(
            f"{medium} nord-coréenne"
            for medium in (
                *("agence officielle", "agence de presse officielle", "agence", "agence d'État"),
                *("agence de presse", "télévision d'État", "télévision d’État", "télévision"),
                *("presse officielle", "presse", "télévision officielle", "radio"),
            )
        ),
        "médias d'État",
        "médias d’État",
        "agence de presse officielle",
    ),
    "yonhap": (
        "Yonhap News Agency",
        "Yonhap",
        "연합뉴스TV",
        "연합뉴스",
        "聯合ニュース",
        "韩联社",
        "韓聯社",
        "Рёнхап",
        "Ренхап",
        "Ёнхап",
    ),
    "news1": ("News1", "뉴스1"),
    "newsis": ("Newsis", "뉴시스"),
    "tass": ("TASS", "타스", "타스통신", "塔斯社", "タス通信", "ТАСС"),
    "ria novosti": ("RIA Novosti", "리아노보스티", "俄新社", "РИА Новости", "RIA Nóvosti"),
    "sputnik": ("Sputnik", "스푸트니크", "卫星通讯社", "スプートニク"),
    "interfax": ("Interfax", "인테르팍스", "国际文传电讯社", "インタファクス", "Интерфакс"),
    "reuters": ("Reuters", "로이터통신", "로이터", "路透社", "ロイター", "Рейтер"),
    "ap": ("Associated Press", "The AP", "AP통신", "AP", "美联社", "美聯社", "AP通信"),
    "afp": ("Agence France-Presse", "AFP", "AFP통신", "法新社", "AFP通信"),
    "upi": ("United Press International", "UPI", "합众国际社"),
    "xinhua": ("Xinhua", "신화통신", "신화사", "新华社", "新華社", "新华网", "Синьхуа"),
    "kyodo": ("Kyodo", "교도통신", "교도", "共同通信", "共同社", "Киодо"),
    "jiji": ("Jiji Press", "지지통신", "時事通信", "时事社"),
    "nhk": ("NHK",),
    "cctv": ("CCTV", "중국중앙TV", "중국 중앙TV", "央视"),
    "global times": ("Global Times", "환구시보", "环球时报"),
    "dpa": ("dpa", "DPA"),
    "efe": ("EFE",),
    "bloomberg": ("Bloomberg", "블룸버그", "彭博社", "ブルームバーグ"),
    "nk news": ("NK News", "NK뉴스"),
    "daily nk": ("Daily NK", "데일리NK"),
    "voa": ("Voice of America", "VOA", "미국의소리"),
    "rfa": ("Radio Free Asia", "RFA", "자유아시아방송"),
}

STATE_MEDIA = frozenset(
    {
        *("kcna", "rodong", "krt", "voice of korea", "minju joson", "pyongyang times"),
        *("dprk today", "meari", "naenara", "tongil sinbo", "uriminzokkiri", "choson sinbo"),
        "state media",
    }
)
"""Media that speak for North Korea: an article that cites one carries a report of theirs."""

GENERIC_NAMES = frozenset(
    {
        *("state media", "state-run media", "state-controlled media", "state news agency"),
        *("state-run news agency", "state-run news", "state television", "state TV"),
        *("state-run television", "state-run TV"),
        *("official news agency", "official media", "관영매체", "관영 매체", "중앙통신", "중앙TV"),
        *("대외선전매체", "대외 선전매체", "중통", "medios estatales", "medios oficiales"),
        *("agencia estatal de noticias", "médias d'État", "médias d’État"),
        "agence de presse officielle",
    }
)
"""Names that other countries' media have too, or that are common words: they mean North Korea's
media only where the country is named."""
