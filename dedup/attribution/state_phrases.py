"""Phrases in which North Korea itself speaks, in seven languages.

The patterns of a language are read around a subject: `before`, `not_before` and `says_before` up to
it, `says` from its end.
"""

from dataclasses import dataclass

COUNTRY_NAMES = (
    r"North Korea|\bN\. ?Korea|\bNKorea|DPRK|Pyongyang|Kim Jong[ -][Uu]n|Kim Yo[ -][Jj]ong"
    r"|북한|김정은(?! ?(?:기자|앵커))|김여정(?! ?(?:기자|앵커))|조선민주주의|조선로동당|평양|\b북(?=[ ,…·]|미|측|이 |은 |에 )|北(?![京海美市部方上极極])(?=[ ,…·'‘\"“가-힣])"
    r"|朝鲜(?!半岛|族|战争)|朝鮮(?!半島|族|戰爭|戦争|日報)|北韓|北韩|平壤|平壌|金正恩|金與正|金与正|キム・ジョンウン|金総書記"
    r"|КНДР|Северн\w{2,3} Коре|северокоре|Северокоре|Пхеньян|Ким Чен Ын|Ким Чен Ир"
    r"|Corea del Norte|[Nn]orcore|Pionyang|Corée du Nord|nord-coréen|Nord-Coréen"
)
"""Names of the country, its capital and its leader."""


_ANYWHERE = ""
_NOWHERE = r"(?!)"


@dataclass(frozen=True, slots=True)
class StateSpeech:
    """How a language says that the state speaks: patterns of a subject and of what is beside it.

    `before` must match what stands before the subject, `not_before` must not. `says_before` is a
    verb that may come before the subject, instead of `says`.
    """

    subject: str
    says: str
    before: str = _ANYWHERE
    not_before: str = _NOWHERE
    says_before: str = _NOWHERE


_ENGLISH = StateSpeech(
    subject=r"\bNorth Korean?\b|\bN\. ?Korean?\b|\bNKorean?\b|\bDPRK\b|\bPyongyang\b|\b[Tt]he North\b|\bKim Jong[ -][Uu]n\b|\bKim Yo[ -][Jj]ong\b",
    not_before=r"\b(?:on|with|to|in|into|from|against|of|about|over|toward|towards|for|by|near|than|unlike|if|whether|at|around|between|like|regarding|says|said|South and|"
    r"tell|tells|told|warns|warned|urges|urged|asks|asked|accuses|accused)(?: the)? $",
    says=(
        r"(?:['’]s)?,?(?: (?:top|senior|ruling|supreme|young|officials?|foreign|defen[cs]e|vice|deputy|chief|first|prime|party|Workers['’]|military|army|People['’]s|Army"
        r"|government|regime|ministry|minister|leader(?:ship)?|dictator|ruler|envoy|ambassador|diplomats?|general|staff|spokes\w+|agency|committee|commission|department|negotiator|delegation"
        r"|sister|powerful|influential|(?!White|House|Trump|Biden|Obama|Seoul|South|Washington|Tokyo|Beijing|Moscow|US|UN|Congress|Pentagon|Japan|China|Russia|Chinese|Russian|Japanese|American|Reuters|Yonhap)[A-Z]\w+(?:-\w+)?|of|and|its|the|a|in|statement|on|late|early|again|also|once|publicly|angrily|formally|officially|today|yesterday|has|have|had),?){0,10}"
        r" (?:said|says|vow(?:s|ed)|announce[sd]|warn(?:s|ed)|claim(?:s|ed)|declare[sd]|threaten(?:s|ed)|accuse[sd]|denounce[sd]|condemn(?:s|ed)|slam(?:s|med)|blast(?:s|ed)"
        r"|blame[sd]|urge[sd]|reject(?:s|ed)|confirm(?:s|ed)|report(?:s|ed)|propose[sd]|pledge[sd]|promise[sd]|reveal(?:s|ed)|unveil(?:s|ed)|boast(?:s|ed)|denie[sd]|critici[sz]e[sd]|demand(?:s|ed)"
        r"|calls|called|guide[sd]|inspect(?:s|ed)|overs(?:ees|aw)|supervise[sd]|praise[sd]|signal(?:s|l?ed)|details|told)\b(?! by )"
    ),
)

_KOREAN_MANNER = r"(?:\d{1,2}일 |거듭 |또 |이날 |재차 |강하게 |공식 ){0,2}"
_KOREAN_TITLES = r"(?:(?!(?:(?<!회)의|에|을|를|로|와|과|서|한|된|던|며|고|대해|관련) )[^.,\n\"“‘'은는이가]){0,30}"
_KOREAN = StateSpeech(
    subject=(
        r"(?:북한 |北 ?)?(?:노동당 총비서인 )?(?:김정은|김여정|최선희)(?! ?(?:기자|앵커|아나운서|변호사|교수|씨))|북한(?! ?(?:군 귀순|이탈|인권|학|연구|전문|대학원|정보|주민|노동자|식당|탄도|미사일|핵실험|매체|언론|노동신문))|조선외무성|(?<![가-힣A-Za-z])북(?=[은이, ]|측)|北(?![京海美市部方]| ?(?:인권|노동자|주민|탄도|미사일|핵실험|매체|언론|노동신문))"
    ),
    # A sentence, a headline or a part of it begins with the subject
    before=r"(?:^|[\n.\]=▲△◇■…·)] ?|다\.|(?:최근|이날|앞서|한편|이어|또|다만|당시|특히) )$",
    says=(
        # Headline: who speaks, then the quotation, or what it does
        r"(?![을를에의])[^\"“‘'.,…\n]{0,16},? ?[\"“‘][^\"”’'\n]{9}"
        r"|(?![을를에의])[^\"“‘'.,…\n]{0,16}, [^.\n]{0,60}?(?:비난|경고|위협|선언|담화|성명|통보|발표|주장|촉구|반발|공개|지지|규탄|시찰|참관|관람|격려|표창|착공|돌입|축전|답전|조치|방영|개최|소집|채택)"
        # Sentence: the particle makes it the subject, and the quoted clause ends at its own verb
        rf"|{_KOREAN_TITLES}(?:[은는이가]|측은|측이) (?:[^.\n\"“]|\.(?=\d)|[\"“][^\"”\n]{{0,300}}[\"”]){{0,200}}?"
        rf"(?:[다라자냐]고|을|를) ?{_KOREAN_MANNER}(?:밝혔|밝힌|주장|말했|비난|경고|강조|발표|선언|위협|촉구|반발|지적|통보|알려왔|알려 왔|비판|규탄|천명|엄포|제안|예고|공언|평가절하|평가 절하|폄훼|일축|사의를|지시|주문|공개|담화)"
        # Acts of the leader and the party that only the state's media show
        rf"|{_KOREAN_TITLES}[은는이가] [^.\n]{{0,140}}?(?:시찰|현지지도|현지 지도|참관|관람|참배|점검|축전|답전|격려|위로|표창|전원회의|당대회|당 대회|착공식|준공식|기념관|훈련을 지도|둘러봤|둘러보|기록영화)"
        r"(?![^.\n]{0,12}고 (?:합참|합동참모|군|우리|국방부|통일부|정부|국정원|일본))"
    ),
)

_CHINESE = StateSpeech(
    subject=r"(?:北韓|北韩|朝鮮|朝鲜|平壤|朝方|金正恩|金與正|金与正)(?!半島|半岛|族|戰爭|战争|日報|日报|越南)",
    before=r"(?:^|[，,。；;\n：:」”）)】?？！ 　]|今天|今日|昨日|當局|对此|對此|其中)$",
    says=(
        r"(?!的)[^。，,；：:\n「“、　]{0,16}?(?:宣布|宣佈|表示|聲稱|声称|强调|強調|警告|譴責|谴责|抨擊|抨击|指責|指责|下令|批評|批评|通報|通报|回應|回应|威脅|威胁|要求|聲明|声明|談話|谈话|發表|发表|提出|重申|否認|否认|證實|证实"
        r"|視察|视察|觀看|观看|(?<![名自])[稱称](?![號号為为]))|[：:]"
    ),
)

_JAPANESE = StateSpeech(
    subject=r"(?:北朝鮮|朝鮮民主主義人民共和国|金正恩|金与正|キム・ジョンウン|キム・ヨジョン|金総書記)(?!半島|問題|情勢|側と)",
    before=r"(?:^|[。、\n】 　]|一方で?|また)$",
    not_before=r"(?:[はがも]|によると|によれば)[^。、\n]{0,8}、$",
    says=(
        r"[^。、\n「“は]{0,30}(?:は|が)、?(?:[^。\n「“]|[「“][^」”\n]{0,200}[」”]){0,160}?(?:と|を)、?(?:発表|表明|主張|非難|明らかに|宣言|警告|述べ|強調|批判|通告|視察|指導|公開)|[、 　]?[「“][^」”\n]{6}"
    ),
)

_RUSSIAN = StateSpeech(
    subject=(
        r"(?:(?:[Вв]ласти|[Лл]идер|[Гг]лава|МИД|[Мм]инобороны|[Вв]оенные|[Пп]равительство|[Рр]уководство|[Гг]енштаб|[Пп]редставител[ьи]|[Сс]лужба разведки|[Кк]омитет)(?: [\w-]+){0,6}? )?"
        r"(?:\bКНДР|\b[Сс]еверн(?:ая|ой) Коре[яи]|\b[Пп]хеньян\b|\bКим Чен Ын\b|\bКим Ё Чжон\b|\bВ (?:МИД |Минобороны )?КНДР|\bВ Пхеньяне|\bВ Северной Корее)"
    ),
    not_before=r"(?<![а-яё])(?:по|с|со|о|об|против|из|для|на|к|от|в|во|стороны|отношении|отличие от|между|через) $",
    says=(
        r"(?:,? (?!не |и |что |о )[\w«»()-]+){0,6}? (?:заяви|сообщи|объяви|обвини|пригрози|предупреди|назва|пообеща|осуди|потребова|призва|подтверди|отверг|приказа|распространи|опубликова|показа|провозгласи|анонсирова|обнародова"
        r"|направи|поблагодари|выпусти|огласи|проинспектирова|поздрави)(?:л[аио]?|ла|ют|ет|т)\b"
    ),
)

_SPANISH_SUBJECT = (
    r"\bCorea del Norte\b|\bNorcorea\b|\bPyongyang\b|\bPionyang\b|\bPiongyang\b|\bKim Jong[ -][Uu]n\b|\bKim Yo[ -][Jj]ong\b"
    r"|\b(?:[Ll]íder|[Rr]égimen|[Gg]obierno|[Ee]jército|[Dd]ictador|[Mm]andatario|[Mm]inisterio \w+) norcoreano\b"
)
_SPANISH = StateSpeech(
    subject=_SPANISH_SUBJECT,
    not_before=r"\b(?:con|contra|a|en|sobre|hacia|para|de|por|que|al|del|entre) $",
    says=(
        r",?(?: (?:este|el|hoy|ayer|también|lunes|martes|miércoles|jueves|viernes|sábado|domingo|pasado|Kim|Jong|Un|se|le|les|lo|su|líder|norcoreano),?){0,6}"
        r" (?:(?:anunci|amenaz|afirm|asegur|acus|conden|declar|confirm|denunci|inform|reiter|rechaz|calific|critic|revel|orden|supervis|inspeccion|reivindic|señal|alert|present)(?:ó|a)|dijo|dice|advirtió|advierte"
        r"|prometió|promete|propuso|propone|exigió|exige|sostuvo|ha (?:anunciado|dicho|advertido|amenazado|afirmado|asegurado|acusado|declarado|propuesto|confirmado|condenado|informado))\b"
    ),
    says_before=r"\b(?:[Aa]nunci[aó]|[Aa]dvierte|[Aa]menaza|[Aa]firm[aó]|[Aa]segura|[Pp]ropone|[Dd]enuncia|[Dd]eclar[aó]|[Cc]onfirm[aó]|[Cc]ondena|[Rr]echaza|[Dd]ijo) (?:el |la )?$",
)

_FRENCH = StateSpeech(
    subject=(
        r"\bCorée du Nord\b|\bPyongyang\b|\bKim Jong[- ][Uu]n\b|\bKim Yo[- ][Jj]ong\b"
        r"|\b(?:dirigeant|leader|régime|ministère|numéro un) nord-coréen\b|\barmée nord-coréenne\b"
    ),
    not_before=r"\b(?:avec|contre|à|en|sur|vers|de|que|du|entre|par)(?: la| le| l['’])? $",
    says=(
        r",?(?: (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|Kim|Jong|Un|également|aussi|de nouveau),?){0,5}"
        r" (?:(?:a|ont) (?:annoncé|déclaré|dit|affirmé|menacé|promis|accusé|dénoncé|condamné|confirmé|prévenu|averti|proposé|assuré|revendiqué|qualifié|rejeté|indiqué|exigé|supervisé|inspecté)"
        r"|annonce|déclare|affirme|menace|promet|accuse|dénonce|condamne|confirme|prévient|avertit|propose|assure|revendique|qualifie|rejette|dit|exige|supervise|inspecte)\b"
    ),
)

LANGUAGES = (_ENGLISH, _KOREAN, _CHINESE, _JAPANESE, _RUSSIAN, _SPANISH, _FRENCH)
