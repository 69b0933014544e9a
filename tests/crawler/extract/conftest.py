"""Invented news in six languages and the pages that carry it, with the markup of real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from crawler.declaration import Outlet
from crawler.extract.page import Page
from crawler.extract.reading import Reading, read
from crawler.extract.rules import Rules
from crawler.sources import Feed


@dataclass(frozen=True)
class Story:
    """One invented report: its language, headline, summary, paragraphs, other headlines."""

    language: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    others: tuple[str, ...]
    site: str
    date: str
    byline: str

    def body(self, count: int = 5) -> str:
        return "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs[:count])


STORIES = {
    "en": Story(
        "en",
        "Ferry service to the northern islands resumes after storm",
        "Boats run again since Monday after four days of strong wind, the harbour office said.",
        (
            "The ferry to the northern islands runs again since Monday morning, the harbour office said in a statement.",
            "Strong wind had kept all boats in the port for four days, and some 300 travellers had to wait in hotels.",
            '"We are glad that nobody was hurt," the harbour master told reporters, adding that the piers were checked twice.',
            "The first boat left at seven o'clock with bread, medicine and the post of a whole week on board.",
            "Meteorologists expect calm weather until the weekend, when another front may reach the coast.",
        ),
        (
            "City library opens its new reading hall to visitors",
            "Farmers report the best apple harvest in twenty years",
            "Night trains return to the mountain line in spring",
            "Museum shows letters that were lost for a century",
            "School orchestra wins the national competition again",
            "Bridge over the river closed for repairs until May",
            "Volunteers plant ten thousand trees along the coast",
            "Old lighthouse becomes a hostel for young travellers",
            "Fishermen find a bottle with a message from 1931",
            "Town council votes for a new bicycle road to the port",
        ),
        "Coastal Courier",
        "March 14, 2024",
        "By Anna Harbour",
    ),
    "ko": Story(
        "ko",
        "폭풍 뒤 북쪽 섬 여객선 운항 재개",
        "나흘 동안 멈췄던 여객선이 월요일부터 다시 다닌다고 항만 사무소가 밝혔다.",
        (
            "북쪽 섬을 오가는 여객선이 월요일 아침부터 다시 운항을 시작했다고 항만 사무소가 이날 밝혔다.",
            "강한 바람 때문에 모든 배가 나흘 동안 항구에 묶여 있었고, 여행객 300여 명이 숙소에서 기다려야 했다.",
            "항만 소장은 기자들에게 “다친 사람이 없어 다행”이라며 “부두를 두 차례 점검했다”고 말했다.",
            "첫 배는 오전 7시에 빵과 약품, 일주일 치 우편물을 싣고 떠났다고 관계자는 설명했다.",
            "기상 당국은 주말까지 맑은 날씨가 이어지다가 새로운 전선이 해안에 닿을 것으로 내다봤다.",
        ),
        (
            "시립 도서관 새 열람실 시민에게 개방",
            "사과 수확 20년 만에 최고라고 농민들 전해",
            "봄부터 산악 노선에 야간열차 다시 달린다",
            "백 년 동안 사라졌던 편지 박물관에서 공개",
            "학교 관현악단 전국 대회에서 또다시 우승",
            "강 위의 다리 보수 공사로 5월까지 통행 금지",
            "자원봉사자들 해안에 나무 만 그루 심어",
            "오래된 등대 젊은 여행자들의 숙소로 변신",
            "어부들이 1931년 편지 담긴 병 발견해 화제",
            "시의회 항구까지 새 자전거 도로 건설 의결",
        ),
        "바닷가일보",
        "2024년 3월 14일 오전 9:30",
        "김바다 기자",
    ),
    "ja": Story(
        "ja",
        "嵐のあと北の島へのフェリー運航再開",
        "四日間止まっていたフェリーが月曜日から再び動き出したと港湾事務所が発表した。",
        (
            "北の島へ向かうフェリーが月曜日の朝から再び運航を始めたと、港湾事務所が発表しました。",
            "強い風のためすべての船が四日間港にとどまり、およそ三百人の旅行者が宿で待つことになりました。",
            "港長は記者団に「けが人がいなくて安心した」と述べ、桟橋を二度点検したことを明らかにしました。",
            "最初の船は午前七時に、パンや薬、それに一週間分の郵便物を載せて出発したということです。",
            "気象台によりますと、週末までは穏やかな天気が続き、その後新しい前線が近づく見込みです。",
        ),
        (
            "市立図書館の新しい閲覧室が市民に開放されました",
            "りんごの収穫がこの二十年でいちばんの出来栄えに",
            "山の路線に春から夜行列車がふたたび走ります",
            "百年のあいだ失われていた手紙を博物館が公開",
            "学校のオーケストラが全国大会でまた優勝しました",
            "川にかかる橋が修理のため五月まで通行止めに",
            "ボランティアが海岸に一万本の木を植えました",
            "古い灯台が若い旅行者のための宿に生まれ変わる",
            "漁師が一九三一年の手紙の入った瓶を見つけました",
            "町議会が港までの新しい自転車道を可決しました",
        ),
        "海辺新聞",
        "2024年3月14日 9時30分",
        "山田 海子",
    ),
    "zh": Story(
        "zh",
        "风暴过后北部岛屿渡轮恢复通航",
        "停航四天的渡轮自周一起重新开行，港务部门表示。",
        (
            "港务部门周一表示，开往北部岛屿的渡轮自当天早上起已经恢复通航，旅客可以在码头购票上船。",
            "由于连日大风，所有船只在港内停泊了四天，约有三百名旅客不得不在旅馆里等候。",
            "港务负责人对记者说：“没有人受伤，我们感到很高兴。”他还说，码头已经检查了两遍。",
            "第一班船于早上七点出发，船上载有面包、药品以及整整一个星期的邮件。",
            "气象部门预计，周末以前天气平稳，此后可能有新的锋面到达沿海地区。",
        ),
        (
            "市立图书馆新阅览厅今天起向全体市民开放",
            "果农表示今年苹果收成为二十年来最好的一年",
            "山区铁路明年春天将重新开行夜间旅客列车",
            "博物馆展出失踪了整整一百年的珍贵书信",
            "学校管弦乐队再次获得全国比赛的第一名",
            "河上大桥因维修将封闭到五月请绕道行驶",
            "志愿者沿着海岸线种下了一万棵各种树木",
            "古老的灯塔变成了年轻旅行者的青年旅馆",
            "渔民发现一个装有一九三一年书信的瓶子",
            "市议会投票通过修建通往港口的自行车道",
        ),
        "海岸日报",
        "2024年03月14日 09:30",
        "记者 王海",
    ),
    "ru": Story(
        "ru",
        "Паромы на северные острова снова ходят после шторма",
        "Суда вышли в море в понедельник после четырёх дней сильного ветра, сообщили в порту.",
        (
            "Паром на северные острова снова ходит с утра понедельника, сообщили журналистам в управлении порта.",
            "Из-за сильного ветра все суда четыре дня стояли в гавани, и около трёхсот пассажиров ждали в гостиницах.",
            "«Мы рады, что никто не пострадал», — сказал капитан порта, добавив, что причалы проверили дважды.",
            "Первое судно вышло в семь часов утра с хлебом, лекарствами и почтой за целую неделю на борту.",
            "Синоптики ждут спокойной погоды до выходных, после чего к берегу может подойти новый фронт.",
        ),
        (
            "Городская библиотека открыла новый читальный зал",
            "Фермеры собрали лучший урожай яблок за двадцать лет",
            "Ночные поезда весной вернутся на горную дорогу",
            "Музей показал письма, пропавшие сто лет назад",
            "Школьный оркестр снова победил на конкурсе страны",
            "Мост через реку закрыт на ремонт до конца мая",
            "Добровольцы посадили десять тысяч деревьев у моря",
            "Старый маяк стал гостиницей для молодых туристов",
            "Рыбаки нашли бутылку с письмом тридцатых годов",
            "Совет города одобрил велодорожку до самого порта",
        ),
        "Береговые вести",
        "14 марта 2024, 09:30",
        "Анна Морская",
    ),
    "es": Story(
        "es",
        "El transbordador a las islas del norte vuelve a navegar tras la tormenta",
        "Los barcos salen de nuevo desde el lunes tras cuatro días de viento, informó el puerto.",
        (
            "El transbordador a las islas del norte navega de nuevo desde el lunes por la mañana, informó la oficina del puerto.",
            "El fuerte viento había detenido todos los barcos durante cuatro días y unos 300 viajeros esperaron en hoteles.",
            "«Nos alegra que nadie resultara herido», dijo el capitán del puerto, que mandó revisar dos veces los muelles.",
            "El primer barco salió a las siete con pan, medicinas y el correo de toda una semana a bordo.",
            "Los meteorólogos esperan tiempo tranquilo hasta el fin de semana, cuando llegará otro frente a la costa.",
        ),
        (
            "La biblioteca municipal abre su nueva sala de lectura",
            "Los agricultores celebran la mejor cosecha de manzanas",
            "Los trenes nocturnos vuelven a la montaña en primavera",
            "El museo muestra cartas perdidas durante todo un siglo",
            "La orquesta escolar gana otra vez el concurso nacional",
            "El puente sobre el río queda cerrado hasta el mes de mayo",
            "Voluntarios plantan diez mil árboles junto a la costa",
            "El viejo faro se convierte en albergue para viajeros",
            "Pescadores hallan una botella con un mensaje de 1931",
            "El ayuntamiento aprueba un carril bici hasta el puerto",
        ),
        "Correo de la Costa",
        "14 de marzo de 2024 09:30",
        "Por Ana Puerto",
    ),
}


REFUSALS = [
    (
        "Just a moment...",
        "Checking if the site connection is secure",
        '<div class="cf-challenge"></div>',
    ),
    ("Attention Required! | Cloudflare", "Sorry, you have been blocked", ""),
    ("Access Denied", "You don't have permission to access this page on this server.", ""),
    ("Are you a robot?", "Please make sure your browser supports JavaScript and cookies.", ""),
    (
        "example.com",
        "Please enable JS and disable any ad blocker",
        '<script src="https://ct.captcha-delivery.com/c.js">',
    ),
    ("example.com", "Verify you are human by completing the action below.", ""),
    ("Security check", "Complete the CAPTCHA to continue", '<div class="g-recaptcha"></div>'),
    ("Pardon Our Interruption", "Something about your browser made us think you were a bot.", ""),
    ("403 Forbidden", "nginx", ""),
    ("Request blocked", "Your IP address has been blocked", ""),
    (
        "Before you continue to the site",
        "We use cookies and data to deliver our services. Accept all",
        "",
    ),
    (
        "Your privacy choices",
        "We and our partners store information on a device. Do you accept and consent?",
        "",
    ),
    (
        "We value your privacy",
        "We value your privacy. We use cookies to give you the best experience. Accept",
        "",
    ),
    ("Log in", "Please log in to continue", "<form><input name=u><input type=password></form>"),
    ("Sign in | Coastal Courier", "Email Password", "<form><input type=password></form>"),
    ("로그인", "아이디 비밀번호", "<form><input type=password></form>"),
    ("접근이 차단되었습니다", "비정상적인 접근이 감지되었습니다.", ""),
    ("자동등록방지", "로봇이 아닙니다", '<div class="h-captcha"></div>'),
    ("ログイン", "メールアドレス パスワード", "<form><input type=password></form>"),
    ("アクセスが拒否されました", "画像認証を入力してください", ""),
    ("安全验证", "请完成安全验证后继续访问", ""),
    ("访问受限", "拖动滑块完成验证", ""),
    ("Доступ ограничен", "Доступ к ресурсу ограничен", ""),
    ("Вы не робот?", "Подтвердите, что вы не робот", ""),
    (
        "DDoS-Guard",
        "Checking your browser before accessing",
        '<script src="/.well-known/ddos-guard/js">',
    ),
    ("Acceso denegado", "No tiene permiso para ver esta página", ""),
    ("Accès refusé", "Votre requête a été bloquée", ""),
    ("Human Verification", "", '<script src="https://x.awswaf.com/challenge.js"></script>'),
]

FAILURES = [
    ("404 Not Found", "The requested URL was not found on this server."),
    ("Page not found | Coastal Courier", "Sorry, the page you are looking for does not exist."),
    ("Coastal Courier", "This page is no longer available."),
    ("Error 404", ""),
    ("Oops!", "Something went wrong. Please try again later."),
    ("500 Internal Server Error", "The server encountered an internal error."),
    ("503 Service Unavailable", "No server is available to handle this request."),
    ("502 Bad Gateway", "nginx"),
    ("Site under maintenance", "We will be back soon."),
    ("알림", "삭제된 기사입니다."),
    ("바닷가일보", "요청하신 페이지를 찾을 수 없습니다."),
    ("알수 없는 주소", "알수 없는 주소입니다."),
    ("안내", "존재하지 않는 기사이거나 잘못된 접근입니다."),
    ("서비스 점검", "서비스 점검 중입니다."),
    ("ページが見つかりません", "お探しのページは見つかりませんでした。"),
    ("海辺新聞", "この記事は掲載期間が終了しました。"),
    ("メンテナンス中", "ただいまメンテナンスを行っています。"),
    ("海岸日报", "您访问的页面不存在"),
    ("提示", "文章已删除"),
    ("页面找不到了", "404"),
    ("Страница не найдена", "Запрашиваемая страница не найдена"),
    ("Ошибка 404", "Береговые вести"),
    ("Página no encontrada", "No se encuentra la página solicitada"),
    ("Page introuvable", "La page demandée n'existe plus"),
    ("Seite nicht gefunden", "Die Seite wurde nicht gefunden"),
    ("", ""),
    ("Coastal Courier", ""),
]


@pytest.fixture(scope="session")
def refusals() -> list[tuple[str, str, str]]:
    """Titles, texts and markup of pages that keep a reader out."""
    return REFUSALS


@pytest.fixture(scope="session")
def failures() -> list[tuple[str, str]]:
    """Titles and texts of error pages that are answered with status 200."""
    return FAILURES


@pytest.fixture(scope="session", params=sorted(STORIES))
def story(request: pytest.FixtureRequest) -> Story:
    return STORIES[request.param]


@pytest.fixture(scope="session")
def stories() -> dict[str, Story]:
    return STORIES


class Unknown(Outlet, abstract=True):
    """What the generic reading of an undeclared host has to go by: nothing."""

    name = "example.com"
    every = timedelta(days=1)
    languages = ()
    country = ""
    timezone = ""
    hosts = ("example.com",)
    rights = "full"
    sources = ()
    article = "."


class Courier(Outlet):
    """An invented outlet with rules for two layouts."""

    name = "courier"
    every = timedelta(hours=1)
    languages = ("en",)
    country = "KR"
    timezone = "Asia/Seoul"
    hosts = ("courier.example",)
    rights = "full"
    sources = (Feed("https://courier.example/feed"),)
    article = r"/story/\d+"
    key = r"/story/(\d+)"
    rules = (
        Rules(
            when="main.story",
            title="h1.head",
            body="main.story > p",
            date="time@datetime",
            authors=".writer",
            captions="figure figcaption",
            drop="figure, .box",
            cut=(r"^Photo:",),
            end=(r"^\(END\)",),
        ),
        Rules(title="#old-title", body="#old-text", date="#old-date"),
    )


@pytest.fixture(scope="session")
def unknown() -> type[Outlet]:
    return Unknown


@pytest.fixture(scope="session")
def courier() -> type[Outlet]:
    return Courier


@pytest.fixture(scope="session")
def declare() -> Callable[..., type[Outlet]]:
    """Declare an outlet like the Courier with other attributes."""

    def declared(**attributes: object) -> type[Outlet]:
        return type("Declared", (Courier,), {"__module__": __name__, **attributes})

    return declared


@pytest.fixture(scope="session")
def read_html() -> Callable[..., Reading]:
    """Read HTML of an undeclared outlet (or a given one) at an invented address."""

    def reading(
        html: str,
        url: str = "https://example.com/news/2024/0314/ferry",
        outlet: type[Outlet] = Unknown,
    ) -> Reading:
        return read(Page(html.encode("utf-8", "surrogatepass"), url), outlet)

    return reading
