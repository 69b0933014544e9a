import pytest

from dedup.statements.statement_level import StatementLevel, find_statement_level

GOVERNMENT = StatementLevel.GOVERNMENT
MINISTRY = StatementLevel.FOREIGN_MINISTRY
SPOKESPERSON = StatementLevel.SPOKESPERSON
OFFICIAL = StatementLevel.OFFICIAL
DEPARTMENT = StatementLevel.DEPARTMENT
Q_AND_A = StatementLevel.Q_AND_A
COMMENTARY = StatementLevel.COMMENTARY
UNKNOWN = StatementLevel.UNKNOWN

KOREAN = [
    (GOVERNMENT, "조선민주주의인민공화국 정부 성명", ""),
    (GOVERNMENT, "북, 정부 성명 발표…", "북한은 6일 정부 성명을 발표했다."),
    (MINISTRY, "조선민주주의인민공화국 외무성 성명", ""),
    (
        MINISTRY,
        '北외무성 "등대세 철회하라"',
        "북한 외무성은 6일 발표한 성명에서 등대세를 철회하라고 주장했다.",
    ),
    (SPOKESPERSON, "조선민주주의인민공화국 외무성 대변인담화", ""),
    (
        SPOKESPERSON,
        "",
        "(평양 5월 6일발 조선중앙통신) 조선민주주의인민공화국 국방성 대변인은 6일 다음과 같은 담화를 발표하였다.",
    ),
    (SPOKESPERSON, '北 외무성 대변인 "등대는 정당"', ""),
    (
        SPOKESPERSON,
        '북 "등대는 정당"',
        (
            "(서울=통신) 홍길동 기자 = 북한 외무성 대변인은 등대가 정당하다고 6일 밝혔다.\n"
            "조선중앙통신에 따르면 대변인은 이날 담화에서 이같이 말했다."
        ),
    ),
    (OFFICIAL, "김여정 조선로동당 중앙위원회 부부장 담화", ""),
    (
        OFFICIAL,
        '北김여정 "등대 꿈도 꾸지 말라"',
        "김여정 북한 노동당 부부장은 6일 조선중앙통신을 통해 발표한 담화에서 등대를 비난했다.",
    ),
    (
        OFFICIAL,
        '북한 외무상 "등대는 침해"',
        (
            "최선희 북한 외무상이 6일 등대를 침해라고 밝혔다.\n최 외무상은 이날 조선중앙통신을 통해 내놓은"
            " 담화에서 이같이 말했다."
        ),
    ),
    (OFFICIAL, "조선민주주의인민공화국 외무성 미국담당국장 담화", ""),
    (DEPARTMENT, "조선인민군 총참모부 성명", ""),
    (DEPARTMENT, "북 조국평화통일위원회 성명 발표", ""),
    (
        Q_AND_A,
        "조선외무성 대변인 조선중앙통신사 기자가 제기한 질문에 대답",
        "",
    ),
    (
        Q_AND_A,
        '北외무성 "등대세 용납 못해"',
        "북한 외무성 대변인은 6일 조선중앙통신 기자의 질문에 대답하는 형식으로 등대세를 비난했다.",
    ),
    (COMMENTARY, "조선중앙통신사 론평", ""),
    (
        COMMENTARY,
        '북 "등대세는 강도"',
        "북한 조선중앙통신은 6일 '강도'라는 제목의 논평에서 등대세를 비난했다.",
    ),
    (COMMENTARY, "北 등대 강조", "북한 노동신문은 6일 사설에서 등대를 강조했다."),
    (
        SPOKESPERSON,
        '北 "등대세는 도발"',
        "북한 국방성 대변인은 한국 정부가 등대세를 정한 데 대해 6일 담화를 발표했다.",
    ),
    (
        Q_AND_A,
        '北외무성 "등대 보고서는 날조"',
        (
            "북한 외무성 대변인이 등대 보고서에 대해 날조라고 비난했다.\n"
            "외무성 대변인은 6일 조선중앙통신사 기자와의 문답에서 이같이 밝혔다."
        ),
    ),
    (
        DEPARTMENT,
        "북한 연구소 백서",
        "북한 외무성 미국연구소는 6일 발표한 백서에서 등대세를 비난했다.",
    ),
    (
        GOVERNMENT,
        '북 "등대에 대가"',
        "김정은 북한 국무위원장은 21일 국무위원회 위원장 명의의 성명에서 대가를 말했다.",
    ),
    (
        OFFICIAL,
        '北 "등대 이야기는 없다"',
        (
            "최선희 북한 외무상\n[조선중앙TV 화면] 2026.05.06 [국내에서만 사용가능. 재배포 금지. 화면 제공 연합뉴스]\n"
            "(서울=통신) 홍길동 기자 = 최선희 북한 외무상이 6일 등대 이야기는 없다고 거듭 밝혔다.\n"
            "최 외무상은 이날 조선중앙통신을 통해 내놓은 담화에서 이같이 말했다."
        ),
    ),
    # Others speak
    (
        UNKNOWN,
        '외교부 "北 등대 규탄"',
        "북한이 6일 등대를 켠 데 대해 외교부는 대변인 성명을 내고 강하게 규탄했다.",
    ),
    (
        UNKNOWN,
        "여야, 북 담화 두고 공방",
        "국민의힘은 6일 북한 김여정 부부장의 담화와 관련해 논평을 내고 정부를 비판했다.",
    ),
    (
        UNKNOWN,
        '中외교부 대변인 "평화 유지해야"',
        "궈자쿤 중국 외교부 대변인은 6일 북한 외무성 담화에 대한 질문에 답했다.",
    ),
    (UNKNOWN, '[속보] 대통령실 "북한 담화에 유감"', "대통령실은 6일 김여정 담화에 유감을 표했다."),
    (
        UNKNOWN,
        '통일부, 김여정 담화에 "유감"',
        "통일부는 6일 김여정 북한 노동당 부부장의 담화에 유감을 표했다.",
    ),
    (
        UNKNOWN,
        '외교부 대변인 "북한 등대 규탄"',
        "외교부 대변인은 6일 성명을 내고 북한의 등대를 규탄했다.",
    ),
    (
        UNKNOWN,
        '美국무부 "북한 김여정 담화 주목"',
        "미국 국무부 대변인은 6일 북한 김여정의 담화에 대해 말했다.",
    ),
    (
        UNKNOWN,
        '러 외무부 대변인 "북한과 등대 교환"',
        "러시아 외무부 대변인은 6일 북한과 등대를 바꿨다고 밝혔다.",
    ),
    (UNKNOWN, "등대 소식", "일본 외무성 대변인은 6일 북한의 등대에 관한 담화를 발표했다."),
    (UNKNOWN, "등대 소식", "국민의힘 대변인은 6일 논평에서 북한의 등대를 비난했다."),
    (
        UNKNOWN,
        "한미일 외교장관, 북한 규탄 공동성명",
        "한미일 외교장관이 북한을 규탄하는 공동성명을 채택했다.",
    ),
    (
        UNKNOWN,
        "등대 소식",
        "미군 인도태평양사령부는 6일 성명을 내고 북한의 등대를 알고 있다고 밝혔다.",
    ),
    # None, or long ago
    (UNKNOWN, "북한, 등대 준공", "북한이 6일 등대를 준공했다고 조선중앙통신이 보도했다."),
    (
        UNKNOWN,
        "북한, 등대 준공",
        "북한이 6일 등대를 준공했다고 조선중앙통신이 7일 보도했다."
        + " 등대는 밝다." * 40
        + "\n북한은 지난해 외무성 대변인 담화에서 등대를 예고했다.",
    ),
    (
        UNKNOWN,
        "북한, 등대 준공",
        "북한은 지난해 외무성 성명에서 예고한 등대를 6일 준공했다고 조선중앙통신이 전했다.",
    ),
    (
        UNKNOWN,
        "여론",
        "노동신문 접속을 위한 가상 사설망을 쓴다는 사람이 늘었다고 한다. 그런 사람이 많다.",
    ),
]

OTHERS = [
    (MINISTRY, "朝鲜外务省发表声明", ""),
    (
        OFFICIAL,
        "金与正批评灯塔税",
        "朝鲜劳动党副部长金与正星期三(5月6日)对朝中社发表谈话,批评灯塔税。",
    ),
    (
        Q_AND_A,
        "",
        "北朝鮮外務省のスポークスマン(報道官)は6日、朝鮮中央通信の質問に答える形で灯台税を非難した。",
    ),
    (UNKNOWN, "朝鲜点灯", "朝鲜6日点灯后，韩国外交部发言人发表声明谴责。"),
    (MINISTRY, "北朝鮮が声明", "北朝鮮外務省は6日、灯台税を非難する声明を発表した。"),
    (UNKNOWN, "北朝鮮の灯台", "北朝鮮の灯台について、外務省は6日、報道官の談話を発表した。"),
    (
        UNKNOWN,
        "КНДР и маяк",
        "КНДР зажгла маяк, говорится в заявлении министерства обороны Японии.",
    ),
    (
        UNKNOWN,
        "О маяках",
        "Представитель Госдепартамента США заявил, что КНДР должна погасить маяк.",
    ),
    (SPOKESPERSON, "朝鲜外务省发言人发表谈话", ""),
    (SPOKESPERSON, "北韓談燈塔", "北韓國防省發言人6日表示，燈塔是正當的。"),
    (
        OFFICIAL,
        "朝鲜批评灯塔税",
        "朝鲜劳动党中央委员会副部长金与正6日对朝中社发表谈话，批评灯塔税。",
    ),
    (Q_AND_A, "朝鲜外务省发言人答朝中社记者问", ""),
    (COMMENTARY, "朝中社批评灯塔税", "朝鲜中央通讯社6日发表评论文章说，灯塔税是抢劫。"),
    (UNKNOWN, "灯塔", "中国外交部发言人6日表示，希望朝鲜半岛和平稳定。"),
    (UNKNOWN, "韩国统一部回应金与正谈话", "韩国统一部6日对朝鲜金与正谈话表示遗憾。"),
    (UNKNOWN, "灯塔", "韩美日6日就朝鲜问题发表联合声明。"),
    (SPOKESPERSON, "朝鮮外務省報道官が談話", ""),
    (OFFICIAL, "北朝鮮、灯台を非難", "北朝鮮の金与正氏は6日の談話で、灯台の税を非難した。"),
    (
        Q_AND_A,
        "",
        "【平壌5月6日発朝鮮中央通信】朝鮮外務省のスポークスマンは6日、朝鮮中央通信社記者の質問に次のように答えた。",
    ),
    (COMMENTARY, "北朝鮮が灯台税を非難", "朝鮮中央通信は6日、灯台税を強盗だとする論評を発表した。"),
    (UNKNOWN, "灯台", "日本の外務省は6日、北朝鮮の灯台について外務報道官の談話を発表した。"),
    (UNKNOWN, "韓国統一省、金与正氏の談話に遺憾", ""),
    (MINISTRY, "Заявление МИД КНДР", ""),
    (
        SPOKESPERSON,
        "КНДР осудила налог",
        "Официальный представитель МИД КНДР выступил с заявлением, в котором осудил налог на маяки.",
    ),
    (
        OFFICIAL,
        "Сестра Кима против",
        "Ким Ё Чжон в заявлении для ЦТАК назвала маяки угрозой для мира.",
    ),
    (
        Q_AND_A,
        "КНДР о маяках",
        "Представитель МИД КНДР, отвечая на вопрос корреспондента ЦТАК, заявил, что маяки нужны.",
    ),
    (
        UNKNOWN,
        "О маяках",
        "Официальный представитель МИД России прокомментировала маяки в КНДР, заявил источник.",
    ),
    (UNKNOWN, "Сеул отреагировал на заявление Ким Ё Чжон", ""),
    (
        SPOKESPERSON,
        "Declaración del portavoz del Ministerio de Relaciones Exteriores de la RPDC",
        "",
    ),
    (MINISTRY, "Declaración del Ministerio de Relaciones Exteriores de la RPDC", ""),
    (
        OFFICIAL,
        "Corea del Norte rechaza el faro",
        "Kim Yo-jong, hermana del líder norcoreano, rechazó el faro en un comunicado difundido hoy.",
    ),
    (
        UNKNOWN,
        "El faro",
        (
            "El portavoz del Ministerio de Exteriores de Corea del Sur dijo hoy que Corea del Norte"
            " debe apagar el faro."
        ),
    ),
    (
        SPOKESPERSON,
        "Déclaration du porte-parole du ministère des Affaires étrangères de la RPDC",
        "",
    ),
    (
        MINISTRY,
        "La Corée du Nord dénonce le phare",
        "Le ministère nord-coréen des Affaires étrangères a dénoncé le phare dans un communiqué.",
    ),
    (
        UNKNOWN,
        "Le phare",
        "Le porte-parole du ministère russe a déclaré que la Corée du Nord est loin.",
    ),
]


@pytest.mark.parametrize(("expected", "title", "text"), KOREAN + OTHERS)
def test_the_speaker_and_the_form_tell_the_level(
    expected: StatementLevel, title: str, text: str
) -> None:
    assert find_statement_level(title, text) is expected
