"""Phrases that make a name the source of an article, in seven languages.

Patterns named `..._AFTER` are read from the end of a name, those named `..._BEFORE` up to its
start.
"""

import re

MEDIA_VERB = re.compile(
    # English
    r"\b(?:said|says?|saying|tells|quotes|insist(?:s|ed)|denie[sd]|accuse[sd]|confirm(?:s|ed|ing)|report(?:s|ed|ing)?"
    r"|announce[sd]|claim(?:s|ed)|carried|published|released|quoted|cited|added|noted|described|revealed|disclosed"
    r"|dispatch|commentary|statement|editorial|broadcast|aired|show(?:s|ed)|warn(?:s|ed)|stated|wrote|writes|called"
    r"|declared|printed|posted|praised|blasted|slammed|criticized|criticised|denounced|condemned|hailed|quoting|citing"
    # Spanish
    r"|informó|informaron|informa|dijo|dijeron|reportó|reportaron|reporta|anunció|anunciaron|anuncia|difundió|difundieron"
    r"|citó|publicó|publicaron|señaló|señalaron|aseguró|aseguraron|indicó|indicaron|reseñó|afirmó|afirmaron|destacó"
    r"|destacaron|recogió|divulgó|mostró|transmitió|emitió|reveló|confirmó|denunció|calificó|advirtió|asegura|afirma"
    # French
    r"|rapporté|rapportent|rapporte|annoncé|annonce|indiqué|indique|déclaré|affirmé|affirme|cité|publié|diffusé|précisé"
    r"|dénoncé|montré|relayé|révélé|confirmé|assuré|qualifié"
    # Russian
    r"|сообщ\w{1,10}|переда(?:ё|е)т|передал\w{0,2}|передают|пиш[еу]т|написал\w{0,2}|заяв(?:ил|ля)\w{0,3}|отмеча\w{1,6}"
    r"|отметил\w{0,2}|опубликов\w{1,8}|информиру\w{1,5}|процитир\w{1,8}|цитиру\w{1,4}|утвержда\w{1,4}|распростран\w{1,6}"
    r"|говорится|подч[её]рк\w{1,8}|уточн\w{1,6}|выпустил\w{0,2}|объявил\w{0,2}|назвал\w{0,2}|показал\w{0,2}|обнародова\w{1,4})\b"
    # Chinese, Japanese
    r"|(?:报道|報道|报导|報導|消息|发表|發表|发布|發布|公布|公佈|刊登|刊发|刊發|援引|引述|表示|指出|宣布|宣佈|播出|播放|披露|发文|發文|[称稱](?![号號]))"
    r"|(?:報じ|伝え|によると|によれば|によりますと|発表|論評|配信|放映|を通じ)",
    re.IGNORECASE,
)
"""A verb or noun of publishing that may follow a name at some distance in the sentence."""

JAPANESE_FINAL_VERB = re.compile(
    r"[」』》〉】）)]?(?:など)?(?:の[^はが、。\n]{1,12})?(?:は|が|、|も)"
    r"[^。\n]{0,220}?(?:報じ|伝え|報道|発表|放送|掲載|公開し|主張|非難|論評|配信|明らかにし)"
)

_KOREAN_OTHER_SPEAKER = r"(?:(?:차관|장관|대변인|당국자|당국|관계자|대표|의원|정부|통일부|국방부|합참|전문가|교수|편집장|연구원|연구위원|소식통)[은는] |관계자[이가] )"
_KOREAN_GAP = (
    rf"(?:(?!{_KOREAN_OTHER_SPEAKER})[^.\n\"“”]|\.(?=[\d\"”’'])|[\"“][^\"”\n]{{0,500}}[\"”])"
)
"""A letter of a Korean sentence, or a whole quotation, which may have full stops of its own."""

_KOREAN_VERB = (
    r"(?:보도(?=했|하[며고면였기여]|한[다 ]|합니|해[ ,.]|됐|된|돼|에서|를|$|[.…])|(?<![가-힣])전(?:했|하[며고였]|한다[. ]|합니|해[ ,.])"
    r"|밝(?:혔|히며|히고|힌|혀[ ,.])|(?:게재|소개|주장|비난|강조|논평|방영|방송|선전|지적|평가|발표|경고|위협|촉구|반발|설명|언급|묘사|역설|조명|공개|비판|규탄)"
    r"(?:했|하[며고면였]|한다[. ]|합니|해[ ,.])|논평(?:에서|을|$)|의미를 부여|말했|덧붙|알렸|실었|썼다|치켜세|추켜세|내보냈)"
)
_COUNTED = (
    r"(?!된 [^.]{0,30}?(?:활동|일정|횟수|빈도|건수|\d회|\d건)|[를을]? (?:분석|집계|종합|전수))"
)
KOREAN_VERB_AFTER = re.compile(
    # The particle after the name separates a source from a newspaper that is the topic. The verb
    # ends the sentence, which may be long.
    r"[>〉》」』\"”'’]?(?: ?(?:통신사?|방송|TV|신문)(?=[은는이가도을를의에과와 ]))?"
    r"(?:\s?[(（][^()（）\n]{0,20}[)）])?(?:\s?(?:등|과|와|·|,)\s?[^.\n]{0,24}?(?:매체|언론|외신|신문|통신|TV|방송)들?[>〉》」』\"”'’]?)?\s?(?:"
    r"에 (?:따르면|의하면)|의 보도에 따르면|[을를] 인용"
    rf"|[을를] 통해{_KOREAN_GAP}{{0,100}}?{_KOREAN_VERB}"
    rf"|(?:\s?\d면)?에(?:도|서|서도)? (?:\d면에 )?(?:실렸|실린|(?:보도|게재|공개|소개){_COUNTED})"
    rf"|(?:은|는|도)\s{_KOREAN_GAP}{{0,260}}?{_KOREAN_VERB}"
    r"|(?:이|가|들이)\s[^.\n]{0,30}?(?:공개한|배포한|발행한|보도한|전한|발표한)"
    rf"|(?:이|가|들이)\s{_KOREAN_GAP}{{0,260}}?{_KOREAN_VERB}"
    rf"|보도(?:했|에|를|로){_COUNTED}|기사(?! ?문의)|논평|사설|담화"
    r"|\s?[:：]\s?[\"“]"
    r")"
)

KOREAN_QUOTED_BEFORE = re.compile(
    r"[다라자냐]고 (?:이?날 |\d{1,2}일 |북한 |북한의 |관영 |북한 관영 |대외용 |매체인 )*$"
)
"""A reported clause, after which a name is its source even if a feed cuts the verb off."""

KOREAN_CUT_AFTER = re.compile(r"(?:[은는이가]|은|과)?(?: [^.…\n]{0,20})?(?:\.{2,3}|…)\s*$")

KOREAN_CUT_NAME = re.compile(
    r"[다라자냐]고 (?:(?:북한 )?관영 |북한 )?(조선중앙통|조선중앙|조선중|조선|노동신)(?:\.{3}|…)\s*$"
)
"""A name that is cut off itself, at the end of a feed's teaser."""

_ARTICLES = r"(?:the |la |el |los |las |le |les |l['’]|au? |aux |agency |agencia |agence |агентств\w{1,3} )*"
VERB_BEFORE = re.compile(
    r"(?:\b(?:according to|citing|cited by|quoted by|quoting|reported by|reports by|reports? (?:in|on|from)|carried (?:by|on|in)|released (?:by|through|via)"
    r"|published (?:by|in|on)|issued (?:by|through|via)|announced (?:by|on|through)|aired (?:by|on)|shown (?:by|on)|broadcast (?:by|on)|told|tells|interview with"
    r"|(?:report|dispatch|statement|commentary|editorial|article|declaration)\b[^.,;\n]{0,40}? (?:by|on|through|via)|(?:report|dispatch|statement|commentary) (?:from|in)|through"
    r"|según|de acuerdo con|citad[oa]s? por|despacho de|(?:contó|dijo|declaró) a|inform(?:ó|aron|a|an)|difundi(?:ó|eron)|dij(?:o|eron)"
    r"|(?:report|anunci|asegur|afirm|indic|public|señal)(?:ó|aron)|(?:difundid|publicad|divulgad|recogid|emitid|transmitid)[oa]s?\b[^.;\n]{0,50}? (?:por|en)|a través de|citando a"
    r"|selon|d['’]après|citée?s? par|(?:a|ont) (?:rapporté|annoncé|indiqué|affirmé|déclaré|précisé)|rapporte|rapportent|annonce|(?:publié|diffusé|relayé|cité)e?s? (?:par|dans|sur)|via"
    r"|по данным|по информации|по сообщению|по сообщениям|согласно|ссылаясь на|с[о]? ссылкой на|(?:сообщ|информиру|утвержда|отмеча|уточня|распростран)\w{1,8}"
    r"|передал\w{0,2}|передаёт|передает|передают|пишет|пишут|заявил\w{0,2}|опубликов\w{1,8}|объявил\w{0,2}|показал\w{0,2}|(?:публикации|статье|заявлении|эфире)"
    r")|据|據|援引|引述|引用)\s?" + _ARTICLES + r"(?:[\w'’-]{1,20},? ){0,5}\W{0,3}$"
    r"|\bsaid (?:the )?(?:[\w'’-]{1,20} ){0,2}$",
    re.IGNORECASE,
)

PHOTO = re.compile(
    r"photo|picture|image|footage|screenshot|captured|courtesy|handout|\bvia\b|사진|화면|캡처|캡쳐|제공"
    r"|写真|画像|照片|图片|圖片|截圖|截图|фото|снимок|кадр|imagen|fotograf|captura|capture",
    re.IGNORECASE,
)
CREDITED_BEFORE = re.compile(
    r"(?:(?:\b(?:photo|photograph|photos|picture|image|copyright|credit|foto|fotos|imagen|photographie|фото)\b|©)"
    r"[ :.–-]{0,4}(?:[\w .,'’-]{2,40}/ ?){0,3}"
    r"|\b(?:photos?|footage|videos?|images?|stills?|courtesy)\b(?: (?:made|taken|shown))?(?: (?:from video))? (?:by|from|of)(?: the)? "
    r"|(?:사진|영상|화면|출처|자료)(?: ?출처)?\s?[:=/]\s?|(?:图源|圖源|图片来源|圖片來源|写真|画像|提供)\s?[:：=/＝]\s?)$",
    re.IGNORECASE,
)
CREDIT_AFTER = re.compile(
    r"/(?:Getty|AP|AFP|Reuters|EPA|Yonhap)\b|,? (?:Photo|photo|via Getty|VIA KNS|via KNS)\b"
    # Passed on by another agency
    r"|\s?[=/＝]\s?(?:연합뉴스|뉴시스|뉴스1|AP|AFP|EPA|로이터|Reuters|共同|ロイター|時事|美联社|美聯社|法新社|新华社)"
    r"|\s(?:연합뉴스|뉴시스|뉴스1|AP연합뉴스|AFP연합뉴스)(?=[\s.\])]|$)"
    r"| / (?:Reuters|AFP|AP|EPA|Getty)\b"
)
RELEASED_BEFORE = re.compile(
    r"(?:released|published|provided|distributed|issued|supplied) (?:\w+ ){0,3}by (?:the |North Korea['’]s |country['’]s |state(?:-run)? |official )*$"
    r"|(?:released|taken|broadcast|aired|made available) by (?:the |North Korea['’]s )?$"
    r"|(?:difundid|publicad|cedid|facilitad|distribuid|proporcionad)[oa]s? (?:\w+ ){0,3}por (?:la |el |los )?(?:agencia )?$"
    r"|(?:diffusé|publié|fourni|distribué|transmis)e?s? (?:\w+ ){0,3}par (?:la |les |le |l['’])?(?:agence )?$"
    r"|(?:предоставлен|распростран[её]н|опубликован)\w{0,3} (?:агентством )?$",
    re.IGNORECASE,
)
RELEASED_PICTURE = re.compile(
    r"\b(?:photo|picture|image|footage|video|imagen|foto|fotograf|photographie|фото|снимок)|사진",
    re.IGNORECASE,
)
ALONE_BEFORE = re.compile(r"(?:^|[\n.。!?！？]\s?)[(（\[【]\s?$")
ALONE_AFTER = re.compile(r"\s?[)）\]】]")
"""A name that stands in brackets, apart from any sentence, is the credit of a picture."""

CONTRIBUTED_AFTER = re.compile(
    r"[^.\n]{0,40}(?:contributed to|created|(?:was|were) used in) this (?:report|story)"
)

DATELINE_AFTER = re.compile(
    r"\s{0,2}(?:[)）\]]\s{0,3}(?:[가-힣·,\s]{2,40}(?:기자|특파원)\s{0,2})?(?:--|—|–|-|=|:)|[】［〕])"
)
DATELINE_BEFORE = re.compile(
    r"(?:[(（\[]|[(（\[][^()\[\]\n]{1,20}=\s?-?|[【［〔][^【】［］〔〕\n]{0,20})\s{0,2}$"
)
SLASHED_DATELINE_BEFORE = re.compile(r"/\s{0,2}$")
SLASHED_DATELINE_AFTER = re.compile(r"\s{0,2}/\.?")
OPEN_DATELINE_BEFORE = re.compile(
    # Russian agencies use no brackets: "ГОРОД, 6 мая - АГЕНТСТВО."
    r"^[А-ЯЁ][\w -]{1,30}[,.] \d{1,2} [а-яё]{3,8}(?: \d{4})?(?: г\.)?(?: ?[-–—]|\.) $"
)
OPEN_DATELINE_AFTER = re.compile(r"\.(?:\s|$)|(?:\.\w{2,3})? ?[-–—] ")
HAN_DATELINE_AFTER = re.compile(r"^[\u3400-\u9fff]{1,8}\d{1,2}(?:月\d{1,2})?日[电電讯訊]")

TITLE_TAG_BEFORE = re.compile(
    r"(?:[:：|–—-]\s{0,2}|…\s{0,2}|[(（\[]\s{0,2})(?:the\s)?$", re.IGNORECASE
)
TITLE_TAG_AFTER = re.compile(r"\s{0,2}[:：|–—]")
TITLE_QUOTE_AFTER = re.compile(r"\s{0,2}[\"“'‘「]")

APPOSITION_AFTER = re.compile(r"[,，]?\s?(?:the |la |l['’])?[\"“«<〈《「『]?")

OTHER_COUNTRY_BEFORE = re.compile(
    # The country of the state media, if it is not North Korea
    r"(?:\b(?!Korean?\b|Korea['’]|Pyongyang|North\b|Kim\b)[A-Z][a-z]+(?:ese|ian|ean|an|ish|[’']s|s['’])|\b(?:Saudi|Iraqi|Yemeni|Houthi"
    r"|Israeli|Thai|Lao|Greek|Czech|French|Beijing|Moscow|Tehran|Damascus|China|Russia|Iran|Syria|Vietnam|Cuba"
    r"|South Korean?(?:[’']s)?|South[’']s))(?:-run)?[ -](?:(?:government|official|Communist|main|own)[ -])?$"
    r"|(?:중국|中|러시아|러|이란|시리아|쿠바|베트남|대만|타이완|미얀마|벨라루스|튀르키예|사우디|라오스) ?(?:관영|국영)? ?$"
)
