"""The words by which North Korean statements name their speaker and form, in seven languages."""

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class StatementWords:
    """The patterns of one language.

    `form`: the form of a statement, with a group named `statement`, `answer` or `commentary`.
    `says`: a spokesperson and a verb. `ours`, `theirs`: names of North Korean speakers, and of
    speakers of other countries. `spokesperson`, `official`, `government`, `ministry`, `department`:
    the kinds of speakers. `media`, `writers`: who writes commentaries. `cited_before`,
    `cited_after`: words next to the form by which an article only refers to a statement.
    `speaker_after`: words between a form and a speaker who is named after it; None where speakers
    are always named first. `topic`: the particle of the word that a sentence is about. `reaction`:
    a headline in which another government answers.
    """

    form: re.Pattern[str]
    says: re.Pattern[str]
    ours: re.Pattern[str]
    theirs: re.Pattern[str]
    spokesperson: re.Pattern[str]
    official: re.Pattern[str]
    government: re.Pattern[str]
    ministry: re.Pattern[str]
    department: re.Pattern[str]
    media: re.Pattern[str]
    writers: re.Pattern[str]
    cited_before: re.Pattern[str]
    cited_after: re.Pattern[str]
    reaction: re.Pattern[str]
    speaker_after: re.Pattern[str] | None = None
    topic: re.Pattern[str] | None = None


_KOREAN_COUNTRY = (
    r"(?:미국|미|美|일본|일|日|중국|중|中|러시아|러|俄|한국|韓|남조선|괴뢰|영국|프랑스|독일|우크라이나"
    r"|이스라엘|이란|쿠바|베트남|시리아|팔레스티나|대만|유엔|유럽동맹|EU)"
)
_KOREAN = {
    "form": r"(?P<answer>(?:기자|통신사?|방송)[^.\n]{0,60}?(?:질문|물음)에[^.\n]{0,60}?(?:대답|답변|답했|답하)"
    r"|(?:기자(?:와의?|의|가)?|통신사?(?:와의?|의)?) ?문답|대변인 ?(?:대답|문답)|질문에 대한? ?(?:대답|답변))"
    r"|(?P<commentary>[논론]평(?!가)|사설(?!망|업체|기관)|론설|논설|정세론?해설|개인 ?필명의? ?글|글을 발표)"
    r"|(?P<statement>성명서?|담화문?|백서|비망록|공개질문장|고발장|고소장|공보문)",
    "says": r"(대변인[^.\n]{0,200}?(?:밝혔|말했|주장했|비난했|경고했|강조했|언명|언급했)|대변인[은이,]? ?[\"“'‘])",
    "ours": r"조선중앙통신|북한|북측|북(?=[ 의이은,·…]|외무|김여정|국방)|北|조선민주주의|조선로동당|조선인민군|공화국|(?<!태)평양|[로노]동당"
    r"|외무성|국방성|총참모부|인민군|김여정|최선희|최룡해|김영철|조평통|조국평화통일|통일전선부|국무위원|국방위원회"
    r"|로동신문|노동신문|우리민족끼리|민주조선|조선신보",
    "theirs": r"통일부|통일원|외교부|국무부|외무부|백악관|대통령실|청와대|靑|합참|합동참모|주한미군|연합사|국방부|국정원|국가정보원|국회|여당|야당|국민의힘"
    r"|민주당|한국당|더불어|사령부|안보리|국가안보|펜타곤|크렘린|외교장관|(?:우리|한국|남측) 정부|^정부"
    rf"|{_KOREAN_COUNTRY} ?(?:외무성|외무부|외무상|정부|국방성|국방부|외교부|외교관|대통령|총리|대변인|관리|당국자)",
    "spokesperson": r"대변인",
    "official": r"김여정|최선희|최룡해|김영철|박정천|리영호|리용호|김계관|권정근|부부장|부장|제 ?1 ?부상|부상|외무상"
    r"|국방상|국장|실장|과장|소장|(?<!국무)(?<!국무위원회 )위원장|비서|대사|총참모장|고문|단장|대표",
    "government": r"(?:공화국|조선|북한?|北)[은이,]? ?(?:\d+일 )?정부(?![가-힣]*기관)|민주주의인민공화국 정부|국무위원회|국무위원장|국방위원회",
    "ministry": r"외무성(?! ?(?:산하 |[가-힣]{0,12}(?:연구소|연구원|협회|국|처|실)\b))",
    "department": r"[가-힣]{1,12}(?<!외무)성(?=[ 은는이가의,]|$)|총참모부|총정치국|위원회|조평통|통일전선부|연구소|연구원|협회|대표부|[가-힣]{2,12}(?<!공화)국(?=[ 은는이가의,]|$)"
    r"|정책실|관리소|총국|인민군|사령부|해설원|위원",
    "topic": r"(?<=[가-힣])[은는](?=[ ,])",
    "media": r"중앙통신|중통|로동신문|노동신문|민주조선|우리민족끼리|조선신보",
    "writers": r"군사[론논]평원|[론논]평원|국제문제|평론가|분석가|연구사|개인 ?필명",
    "cited_before": r"공동 ?$|의장 ?$|(?:싱가포르|판문점|워싱턴|평양) ?$|지난해|작년|앞서[^.\n]{0,60}$|지난 ?달|지난주|\d년 전|앞선 ?$|기존 ?$"
    r"|취임 ?$|대국민 ?$|경축 ?$",
    "cited_after": r"[에](?:(?!서|는|도)|도 )|(?:을|를)? ?(?:비난|규탄|반박|비판|분석|겨냥|평가|의식)(?!하는 담화)| ?(?:관련|직후|이후|다음|발표 (?:이후|다음|하루)|하루 만)"
    r"| 내(?:놓은|고) 하루|(?:과|와) 관련|까지|[은는도을를]? ?(?:없|내놓지 않|내지 않|하지 않)",
    "reaction": rf"^(?:\[[^\]]{{1,12}}\] ?)?(?:{_KOREAN_COUNTRY} ?)?(?:정부|통일부|외교부|국방부|국무부|백악관|대통령실|청와대|靑|합참|軍|국회|여야|여당|야당"
    r"|전문가|통일장관|통일차관|李대통령|尹대통령|이 대통령)(?![가-힣]* ?성명)|^(?:美|日|中|러|한미|한미일|미|일|중)(?: ?[가-힣]{2,6})? ?[\"“'‘,·]",
}

_ENGLISH_COUNTRY = (
    r"(?:U\.?S\.?A?|American?|South Korean?|S\. ?Korean?|ROK|Seoul|Japan(?:ese)?|Tokyo|Chin(?:a|ese)"
    r"|Russian?|Moscow|Beijing|Washington|British|UK|U\.K\.|Ukrainian?|Israeli?|Iran(?:ian)?|Cuban?|Syrian?"
    r"|Vietnam(?:ese)?|Lao|Lebanese|Palestinian?|Venezuelan?|German|French|European Union|EU|UN|U\.N\.|G7|NATO)"
)
_ENGLISH = {
    "form": r"(?P<answer>\banswer(?:s|ed)?\b[^.\n]{0,60}?\bquestions?\b|\bgives? answers?\b|\banswers? (?:to )?question"
    r"|\banswer by\b|\b(?:question and answer|Q ?& ?A)\b|\breplied to a question\b|\binterview with KCNA\b)"
    r"|(?P<commentary>\bcommentar(?:y|ies)\b|\beditorials?\b|\bop-ed\b|commentator's article|analyst's article|\barticle of\b"
    r"|\bthe following article\b|\bfull text of an article\b|\b(?:in|dedicates) an article\b|\bsigned article\b|\beditorially\b)"
    r"|(?P<statement>\b(?:press )?statements?\b|\bpress release\b|\bwhite paper\b|\bmemorandum\b|\bcommuniqu[eé]\b)",
    "says": r"(spokes(?:man|woman|person)(?:[^.\n]|\.(?=\w| [a-z\d])){0,160}?\b(?:said|says|told|warned|warns|accused|denounced|denounces|condemned"
    r"|condemns|rebukes?d?|slams?|slammed|released|declared|makes public|made public|blasts?|urges?d?|vows?)\b|:\s*spokes(?:man|woman|person)\b)",
    "ours": r"DPRK|North['’]?s\b|North Korea|N\.? ?Korea|NK\b|Democratic People['’]s Republic of Korea|Pyongyang['’]s"
    r"|Workers['’] Party of Korea|\bWPK\b|\bKPA\b|Korean People['’]s Army|Kim Yo[- ]?jong|Choe Son[- ]?hui"
    r"|Korea Asia-Pacific Peace|\bKCNA\b|Rodong S[hi]+nmun|Minju Joson|Uriminzokkiri",
    "theirs": r"State Department|Joint Chiefs|\bJCS\b|White House|Pentagon|Blue House|unification ministry|ministry of unification|United Nations"
    r"|\bForeign (?:personages|ministers|political)|Security Council|personages|\bdifferent countries|Overseas"
    rf"|\b{_ENGLISH_COUNTRY}(?!\w)(?:['’]s?)?(?!,? ?(?:Affairs|Studies|Policy|Research))(?: [\w-]+){{0,3}} (?:foreign|ministry|minister|president|government"
    r"|officials?|embassy|ambassador|military|spokes\w+|state|defen[cs]e|presidential|command|forces|chiefs?|secretary)\b"
    rf"|\b(?:ministry|minister|government|president|spokes\w+|embassy)[^.\n]{{0,40}}? (?:of|for) (?:the )?{_ENGLISH_COUNTRY}\b(?! (?:Affairs|Studies))",
    "spokesperson": r"spokes(?:man|woman|person)",
    "official": r"Kim Yo[- ]?jong|Choe Son[- ]?hui|\b(?:Kim|Choe) (?:said|warned|claimed|accused|called|denounced)\b|\b(?:vice[- ])?ministers?\b|\bdirector(?:[- ]general)?\b|\b(?:head|chief|president|chairman|ambassador"
    r"|representative|adviser|advisor|deputy|secretary|envoy|official(?! (?:KCNA|news|Korean|state|media))|researcher|section chief|marshal|general secretary)\b(?! of state)|\bFM\b",
    "government": r"\bgovernment\b|State Affairs Commission|National Defen[cs]e Commission",
    "ministry": r"Foreign Ministry|Ministry of Foreign Affairs|\bMFA\b",
    "department": r"\b(?:office|institute|department|bureau|section|mission|embassy|committee|commission|association|(?<!News )agency|administration|council|front|society|league|union"
    r"|general staff|army|military|command)\b|Ministry of (?!Foreign)|(?<!Foreign )\bMinistry\b(?! of Foreign)",
    "media": r"\bKCNA\b|Korean Central News Agency|Rodong S[hi]+nmun|Minju Joson|Uriminzokkiri",
    "writers": r"commentator|analyst|researcher|critic|leading newspapers",
    "cited_before": r"(?:in response to|in reaction to|responding to|reacting to|react(?:s|ed)? to|comment(?:s|ed|ing) on|criticiz\w{1,3}|rejecting|despite|\bafter|following)"
    r"(?: \S+){0,7} ?$(?<!the following )(?<!following press )|(?:last (?:year|month|week)['’]?s?|joint|presidential|earlier|previous|past)(?: \w+){0,5} $|\b(?:no|without)(?: \w+){0,2} $",
    "cited_after": r" (?:was|were|is) (?:regrettable|regretful|not helpful|unhelpful|disappointing)|,? (?:mentioned|referred) ",
    "speaker_after": r" ?(?:(?:issued|released|made|put out|given) )?(?:on \w+ )?(?:by|of|from|attributed to)\b(?! (?:the )?(?:KCNA|Korean Central|state|official))",
    "reaction": rf"^(?:{_ENGLISH_COUNTRY}(?:['’]s)?(?: \w+){{0,3}}|White House|State Department|Pentagon|Unification (?:Ministry|minister)) (?:says|said|urges|calls"
    r"|regrets|responds|dismiss\w+|rejects|slams|blasts|denounces|condemns|voices|expresses|vows|react\w*|monitor\w*|downplays)\b",
}

_CHINESE = {
    "form": r"(?P<answer>答(?:[^。\n]{0,12})?[记記]者[问問]|回答[^。\n]{0,20}[记記]者[^。\n]{0,6}(?:提[问問]|[问問][题題])|[记記]者[^。\n]{0,8}(?:提[问問]|[问問][题題])[^。\n]{0,4}(?:作答|回答|答))"
    r"|(?P<commentary>[评評][论論](?:文章|[员員])?|社[论論]|[论論]平)"
    r"|(?P<statement>[声聲]明|[谈談][话話]|白皮[书書]|[备備]忘[录錄])",
    "says": r"([发發]言人[^。\n]{0,30}?(?:表示|[说說][，：:]|[称稱][，：:]|宣布|指出|[谴譴][责責]))",
    "ours": r"朝鲜|朝鮮(?!半[岛島])|北[韩韓]|朝方|朝中社|金[与與]正|崔善姬|[劳勞][动動]新[闻聞]|共和国政府",
    "theirs": r"[韩韓南][国國韓韩]?(?:国防部|國防部|[统統]一部|外交部|政府|[总總][统統]|[军軍]方)|(?:美[国國]|美方|日本|中[国國]|俄[罗羅]斯|俄)[^。，\n]{0,12}(?:外交部|外[务務]省|政府|[国國][务務]院|[国國]防部|白[宫宮]|[总總][统統]|[发發]言人)"
    r"|[国國][务務]院|白[宫宮]|安理[会會]|[联聯]合[国國]|青瓦[台臺]|[统統]一部",
    "spokesperson": r"[发發]言人",
    "official": r"金[与與]正|崔善姬|副部[长長]|部[长長]|副相|外相|次官|局[长長]|室[长長]|委[员員][长長]|大使|[书書][记記]",
    "government": r"(?:朝鲜|朝鮮|北[韩韓]|共和[国國])政府|[国國][务務]委[员員][会會長长]|[国國]防委[员員][会會]",
    "ministry": r"外[务務]省(?![^，。\n]{0,10}(?:研究所|局|室))|外交部",
    "department": r"[国國]防省|[总總][参參][谋謀]部|委[员員][会會]|研究所|[协協][会會]|代表[团團部]|司令部|[军軍]方|人民[军軍]|局|室|(?<!外[务務])省",
    "media": r"朝中社|朝[鲜鮮]中央通[讯訊]社?|中央通[讯訊]社|[劳勞][动動]新[闻聞]|民主朝[鲜鮮]",
    "writers": r"[评評][论論][员員]|分析[员員]|研究[员員]",
    "cited_before": r"(?:[联聯]合|共同|主席|去年|上月|此前|早前)[^，。\n]{0,12}$|(?:就|[对對]|回[应應])[^，。\n发發]{0,16}$",
    "cited_after": r"(?:[后後]|表示[遗遺]憾|作出回[应應]|回[应應])",
    "reaction": r"^(?:[韩韓南][国國韓韩]?|美[国國]?|日本?|中[国國]|俄)(?:[统統]一部|外交部|政府|[国國]防部|方)?(?:回[应應]|[对對]|就|[称稱]|表示|：|:)",
}

_JAPANESE = {
    "form": r"(?P<answer>質問(?:に(?:対する)?|への)[^。\n]{0,12}(?:答|回答)|記者との(?:一問一答|問答))"
    r"|(?P<commentary>論評|社説|論説)"
    r"|(?P<statement>声明|談話|白書|備忘録)",
    "says": r"((?:報道官|スポークスマン|代弁人)[^。\n]{0,120}?(?:述べ|表明し|非難し|主張し|警告し|強調し))",
    "ours": r"北朝鮮|朝鮮(?!半島|戦争|学校)|共和国|金与正|キム・ヨジョン|崔善姫|チェ・ソンヒ|労働新聞|祖国平和統一",
    "theirs": r"(?:日本|韓国|米国|米|中国|ロシア|露)(?:の)?(?:政府|外務省|外交部|外務報道官|国防総省|国務省|統一省|統一部|大統領|報道官|国防省|国防部|軍)"
    r"|国務省|統一省|統一部|青瓦台|ホワイトハウス|官房長官|首相|安保理|国連",
    "spokesperson": r"報道官|スポークスマン|代弁人",
    "official": r"金与正|キム・ヨジョン|崔善姫|チェ・ソンヒ|副部長|部長|次官|外相|国防相|局長|室長|委員長|大使|書記",
    "government": r"(?:北朝鮮|朝鮮|共和国)(?:の)?政府|国務委員|国防委員会",
    "ministry": r"外務省(?![^、。\n]{0,10}(?:研究所|局|室))",
    "department": r"国防省|総参謀部|委員会|研究所|協会|代表部|司令部|人民軍|局|室|(?<!外務)省",
    "topic": r"は(?!じめ)",
    "media": r"朝鮮中央通信|中央通信|労働新聞|民主朝鮮|朝鮮新報",
    "writers": r"論評員|評論家|研究員",
    "cited_before": r"(?:共同|議長|昨年の?|先月の?|去年の?|先の|以前の)[^、。\n]{0,14}$",
    "cited_after": r"に(?:対し|ついて|関し|反発|抗議|遺憾)|を(?:受け|非難|批判)|の後",
    "reaction": r"^(?:韓国|米|米国|日本|政府|中国|ロシア)(?:の)?(?:政府|統一省|統一部|外務省|国務省|国防省|軍|官房長官)?[、「は]",
}

_RUSSIAN = {
    "form": r"(?P<answer>ответ\w{0,3} (?:\w+ ){0,3}на вопрос\w*|отвеча\w+ на вопрос\w*|ответил\w? на вопрос\w*)"
    r"|(?P<commentary>комментари[ийяею]{1,2}|передов\w{1,4} стат\w{1,3}|редакционн\w{1,4} стат\w{1,3})"
    r"|(?P<statement>(?:пресс-)?заявлени(?:[еяю]|ем|и)|бел\w{1,3} книг\w|меморандум\w?|коммюнике)",
    "says": r"(представител\w{1,3}[^.\n]{0,100}?\b(?:заявил|сообщил|осудил|предупредил|подчеркнул|назвал)\w?)",
    "ours": r"КНДР|Северн\w{1,3} Коре|северокорейск|Пхеньян|Ким [ЕЁ] ?Чжон|Ким Ё Чен|Цой Сон Хи|Чхве Сон Хи|Чве Сон Хи|Трудов\w{2,3} парти\w Коре|Нодон синмун|Корейск\w{2,3} народн\w{2,3} арми|ЦТАК",
    "theirs": r"(?:МИД\w?|Министерств\w[^.\n]{0,30}|правительств\w{1,2}|президент\w?|представител\w{1,3}[^.\n]{0,30}) (?:США|Япони\w|России|РФ|Китая|КНР|Южн\w{1,3} Коре\w|Республики Корея|Украины|ФРГ|Франции)"
    r"|Госдеп\w{0,12}|Бел\w{2,3} дом\w?|Кремл\w|Пентагон\w?|Совбез\w?|южнокорейск\w{1,3}",
    "spokesperson": r"представител[ьяею]\w?|пресс-секретар\w{1,2}",
    "official": r"Ким [ЕЁ] ?Чжон|Ким Ё Чен|Цой Сон Хи|Ч[хв]*е Сон Хи|замминистра|(?:заместител\w{1,2} )?министр(?:а|ом)?\b|замглав\w|глав[аыу]\b|директор\w{0,2}|начальник\w{0,2}|замзаведующ\w+|заведующ\w+|посол|посла|секретар\w{1,2}",
    "government": r"правительств\w{1,2}|Госсовет\w?|Государственн\w{2,3} комитет\w? оборон\w|Комисси\w по государственным делам",
    "ministry": r"МИД\w?|Министерств\w{1,2} иностранных дел|внешнеполитическ\w{2,3} ведомств\w{1,2}",
    "department": r"Министерств\w{1,2} (?!иностранных)|Минобороны|Генштаб\w?|Генеральн\w{2,3} штаб\w?|комитет\w{0,2}|институт\w{0,2}|департамент\w{0,2}|управлени\w{1,2}|ассоциаци\w|миссии|постпредств\w{1,2}|народн\w{2,3} арми\w|командовани\w",
    "media": r"ЦТАК|Центральн\w{2,4} телеграфн\w{2,4} агентств\w{1,2}|Нодон синмун|Родон синмун",
    "writers": r"обозревател\w{1,2}|аналитик\w{0,2}",
    "cited_before": r"(?:в ответ на|после|совместн\w{2,4}|прошлогодн\w{2,4}|реагиру\w{1,9} на|прокомментировал\w?|отреагировал\w? на|комментируя)(?: \S+){0,4} ?$",
    "cited_after": r"(?: \S+){0,2} вызвал",
    "speaker_after": r" ?(?=(?:официальн\w{1,9} )?(?:представител|пресс-секретар|МИД|Министерств|правительств|замминистра|замглав|заместител|глав|Ким Ё|Цой|Комитет|комитет|Генштаб|Институт|Департамент|департамент|внешнеполит|министр|директор))",
    "reaction": r"^(?:Сеул|США|Япония|Китай|Россия|МИД РФ|Госдеп|Кремль|Белый дом|Вашингтон|Токио|Пекин)\b",
}

_SPANISH = {
    "form": r"(?P<answer>respuestas? a (?:\w+ ){0,3}preguntas?|respond\w{1,4} a (?:\w+ ){0,3}preguntas?)"
    r"|(?P<commentary>\bcomentarios?\b|\beditorial(?:es)?\b)"
    r"|(?P<statement>\bdeclaraci(?:ón|ones)\b|\bcomunicados?\b|\bnota de prensa\b|\blibro blanco\b)",
    "says": r"((?:portavoz|vocer[oa])[^.\n]{0,140}?\b(?:dijo|declaró|afirmó|advirtió|condenó|denunció|aseguró|señaló)\b)",
    "ours": r"\bRPDC\b|República Popular Democrática de Corea|Corea del Norte|norcorean|Pyongyang|Kim Yo[- ]?jong|Choe Son[- ]?hui|\bACNC\b|\bKCNA\b|Rodong Sinmun|Partido del Trabajo de Corea",
    "theirs": r"(?:Ministerio|ministro|Gobierno|portavoz|vocer[oa]|presidente|Cancillería)[^.\n]{0,40}? (?:de|del|de la|de los) (?:EE\.? ?UU|Estados Unidos|Corea del Sur|Rusia|Japón|China|Seúl)"
    r"|Departamento de Estado|Casa Blanca|Pentágono|(?:ministerio|gobierno|portavoz|presidente)[^.\n]{0,30}? (?:surcoreano|estadounidense|ruso|japonés|chino)|Consejo de Seguridad",
    "spokesperson": r"portavoz|vocer[oa]",
    "official": r"Kim Yo[- ]?jong|Choe Son[- ]?hui|\b(?:vice)?ministr[oa]\b|\b(?:sub|vice)?(?:director|jef|embajador|president|secretari)[oae]?r?a?\b|\bcanciller\b",
    "government": r"\bgobierno\b|Comisión de Asuntos Estatales",
    "ministry": r"Ministerio de (?:Relaciones|Asuntos) Exteriores|\bCancillería\b|\bMINREX\b|ministerio de exteriores",
    "department": r"\b(?:ministerio(?! de (?:Relaciones|Asuntos|Exteriores))|instituto|departamento|comité|comisión|asociación|oficina|misión|Estado Mayor|ejército)\b",
    "media": r"\bACNC\b|\bKCNA\b|Agencia Central de Noticias|Rodong Sinmun",
    "writers": r"comentarista|analista|investigador",
    "cited_before": r"(?:en respuesta a|tras|después de|conjunta?|año pasado|reacciona a)(?: \S+){0,5} ?$",
    "cited_after": r" conjunt[ao]|,? (?:lamentó|rechazó)| del año pasado",
    "speaker_after": r" ?(?:emitid[oa] |publicad[oa] |de prensa )?(?:por|del?|de la)\b",
    "reaction": r"^(?:Seúl|EE\.? ?UU\.?|Estados Unidos|Corea del Sur|Japón|China|Rusia|Washington|Tokio) (?:dice|lamenta|rechaza|responde|condena|pide|insta)",
}

_FRENCH = {
    "form": r"(?P<answer>répon(?:se|d|du|dant)\w{0,9} (?:à|aux?) (?:\w+ ){0,2}questions?)"
    r"|(?P<commentary>\bcommentaires?\b|\béditoria(?:l|ux)\b)"
    r"|(?P<statement>\bdéclarations?\b|\bcommuniqués?\b|\blivre blanc\b)",
    "says": r"(porte-parole[^.\n]{0,140}?\b(?:a déclaré|a dit|a affirmé|a averti|a condamné|a dénoncé|a indiqué)\b)",
    "ours": r"\bRPDC\b|République populaire démocratique de Corée|Corée du Nord|nord-coréen|Pyongyang|Kim Yo[- ]?jong|Choe Son[- ]?hui|\bKCNA\b|Rodong Sinmun|Parti du travail de Corée",
    "theirs": r"(?:ministère|ministre|gouvernement|porte-parole|président)[^.\n]{0,40}? (?:des États-Unis|de la Corée du Sud|sud-coréen\w?|américain\w?|russe|japonais\w?|chinois\w?|de Séoul)"
    r"|département d['’]État|Maison Blanche|Pentagone|Conseil de sécurité",
    "spokesperson": r"porte-parole",
    "official": r"Kim Yo[- ]?jong|Choe Son[- ]?hui|\b(?:vice-)?ministre\b|\b(?:vice-)?direct(?:eur|rice)\b|\bchef\b|\bambassad(?:eur|rice)\b|\bprésidente?\b|\bsecrétaire\b",
    "government": r"\bgouvernement\b|Commission des affaires d['’]État",
    "ministry": r"ministère (?:nord-coréen )?des Affaires étrangères|diplomatie nord-coréenne",
    "department": r"\b(?:ministère(?! (?:nord-coréen )?des Affaires)|institut|département|comité|commission|association|bureau|mission|état-major|armée)\b",
    "media": r"\bKCNA\b|Agence (?:centrale|télégraphique) |Rodong Sinmun",
    "writers": r"commentateur|analyste|chercheur",
    "cited_before": r"(?:en réponse à|après|suite à|conjointe?|l['’]an dernier|réagi\w{0,9} à)(?: \S+){0,5} ?$",
    "cited_after": r" conjointe?|,? (?:regretté|rejeté)| de l['’]an(?:née)? derni",
    "speaker_after": r" ?(?:publié\w{0,9} |émis\w{0,9} |de presse )?(?:par|du|de la|de)\b",
    "reaction": r"^(?:Séoul|Les États-Unis|Washington|Tokyo|La Corée du Sud|Pékin|Moscou) (?:dit|regrette|rejette|répond|condamne|appelle)",
}

_PATTERNS = {
    "ko": _KOREAN,
    "en": _ENGLISH,
    "zh": _CHINESE,
    "ja": _JAPANESE,
    "ru": _RUSSIAN,
    "es": _SPANISH,
    "fr": _FRENCH,
}


@cache
def statement_words(language: str) -> StatementWords:
    """Returns the patterns of a language: ko, en, zh, ja, ru, es or fr. Raises KeyError for others."""
    patterns = _PATTERNS[language]
    return StatementWords(
        **{name: re.compile(each, re.IGNORECASE) for name, each in patterns.items()}
    )
