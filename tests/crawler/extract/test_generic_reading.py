"""Pages of hosts that nobody declared, read by what they say of themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction
from storage.records import Article, Dateline, PageClass, TimePrecision

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]


def article(reading: Extraction) -> Article:
    assert reading.article is not None, reading.reason
    return reading.article


def page(
    story: "Story", *, head: str = "", above: str = "", body: str = "", below: str = ""
) -> str:
    return (
        f'<html lang="{story.language}"><head><title>{story.title} - {story.site}</title>'
        f'<meta property="og:site_name" content="{story.site}">{head}</head><body>'
        f'<nav class="gnb">{"".join(f"<a href=/{i}>{o}</a>" for i, o in enumerate(story.others))}</nav>'
        f"<h1>{story.title}</h1>{above}<div class=content>{body or story.body()}</div>{below}"
        f"<footer>© {story.site}</footer></body></html>"
    )


def test_the_text_is_the_paragraphs_and_nothing_else(story: "Story", read_html: ReadHtml) -> None:
    found = article(read_html(page(story)))
    assert found.text == "\n\n".join(story.paragraphs)


def test_a_typeface_and_the_free_beginning_of_a_text_are_not_taken_for_clutter(
    story: "Story", read_html: ReadHtml
) -> None:
    """As in pages of 2023 whose paragraphs have the class "font-copy"."""
    first, *others = (f'<p class="font-copy">{text}</p>' for text in story.paragraphs)
    body = f'<div class="teaser-content">{first}</div>{"".join(others)}'
    assert article(read_html(page(story, body=body))).text == "\n\n".join(story.paragraphs)


def test_the_headline_loses_the_name_of_the_site(story: "Story", read_html: ReadHtml) -> None:
    html = f"<html><head><title>{story.title} | {story.site}</title></head><body>{story.body()}</body></html>"
    assert article(read_html(html)).title == story.title


def test_the_language_is_known_without_a_mark(story: "Story", read_html: ReadHtml) -> None:
    html = f"<html><body><h1>{story.title}</h1><div>{story.body()}</div></body></html>"
    assert article(read_html(html)).language == story.language


def test_a_wrong_mark_of_language_is_not_believed(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    html = page(stories["zh"]).replace('lang="zh"', 'lang="en"')
    assert article(read_html(html)).language == "zh"


def test_a_printed_date_and_byline_are_read(story: "Story", read_html: ReadHtml) -> None:
    info = f'<p class="byline">{story.byline}</p><p class="date">{story.date}</p>'
    found = article(read_html(page(story, above=info)))
    assert found.published_at is not None
    assert found.published_at.date().isoformat() == "2024-03-14"
    assert found.authors
    assert story.byline not in found.text


CLUTTER = {
    "related": '<div class="related-articles"><h3>Related</h3><p>Another long story about the harbour and its old piers, as told by the people.</p></div>',
    "share": '<ul class="share-list"><li>Facebook</li><li>Copy link</li></ul>',
    "cookie": '<div id="cookie-consent"><p>We use cookies, and similar technologies, to make this site better for all of its visitors.</p></div>',
    "newsletter": '<div class="newsletter-signup"><p>Sign up for our newsletter, and get the news of the coast every morning at six.</p></div>',
    "caption": "<figure><img src=a.jpg><figcaption>The ferry leaves the port on Monday, seen from the new pier. Photo by a reader.</figcaption></figure>",
    "tip-off": "<p>제보는 카카오톡 '바닷가일보' 검색, 채널 추가</p>",
    "rights": "<p>저작권자 ⓒ 바닷가일보, 무단 전재 및 재배포 금지</p>",
    "mail": "<p>김바다 기자 bada@example.com</p>",
    "end": "<p>(END)</p>",
    "tags": "<p>#여객선 #항구 #폭풍</p>",
    "see-also": '<p><a href="/x">Read also: the lighthouse becomes a hostel for young travellers</a></p>',
    "tweet": '<figure><blockquote class="twitter-tweet"><p>The boat is back, and everybody on the island is very happy about that today!</p></blockquote></figure>',
    "hidden": '<div style="display: none"><p>A hidden copy of some words that no reader sees, kept here by a script for later.</p></div>',
    "machine-summary": "<div class=box><h4>AI 요약</h4><p>여객선이 다시 운항을 시작했다. 강한 바람으로 나흘 동안 멈췄다. 기상 당국은 맑은 날씨를 예보했다.</p></div>",
    "noscript": "<noscript><p>Please switch on scripts in your browser, else this page will not work as it was planned.</p></noscript>",
}


@pytest.mark.parametrize("clutter", CLUTTER.values(), ids=CLUTTER)
def test_what_stands_in_the_text_and_is_not_of_it_is_left_out(
    clutter: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    for language in ("en", "ko"):
        story = stories[language]
        parts = [f"<p>{paragraph}</p>" for paragraph in story.paragraphs]
        body = "".join([*parts[:3], clutter, *parts[3:], clutter])
        found = article(read_html(page(story, body=body)))
        assert found.text == "\n\n".join(story.paragraphs)


def test_subheads_and_short_paragraphs_stay(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    first, second, *rest = stories["en"].paragraphs
    body = f"<p>{first}</p><h3>Four days of waiting</h3><p>{second}</p><p>So it was.</p>"
    body += "".join(f"<p>{paragraph}</p>" for paragraph in rest)
    text = article(read_html(page(stories["en"], body=body))).text
    assert text.split("\n\n")[1:4] == ["Four days of waiting", second, "So it was."]


def test_captions_are_kept_apart(stories: dict[str, "Story"], read_html: ReadHtml) -> None:
    caption = "The ferry leaves the port on Monday, seen from the new pier."
    body = f"<figure><figcaption>{caption}</figcaption></figure>{stories['en'].body()}"
    found = article(read_html(page(stories["en"], body=body)))
    assert found.captions == (caption,)
    assert caption not in found.text


def test_a_standfirst_above_the_text_opens_it(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    found = article(read_html(page(story, above=f'<p class="standfirst">{story.summary}</p>')))
    assert found.lead == story.summary
    assert found.text == "\n\n".join((story.summary, *story.paragraphs))


def test_a_text_in_two_containers_is_read_whole(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    first = "".join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs[:2])
    rest = "".join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs[2:])
    advert = '<div class="ad-slot">Advertisement</div>' + "".join(
        f'<a href="/{i}">{other}</a><br><br>' for i, other in enumerate(story.others[:3])
    )
    html = page(story, body="x").replace(
        "<div class=content>x</div>",
        f'<section><div class="story-text">{first}</div></section><section>{advert}</section>'
        f'<section><div class="story-text">{rest}</div></section>',
    )
    assert article(read_html(html)).text == "\n\n".join(story.paragraphs)


@pytest.mark.parametrize(
    "kind", ["arc", "next", "flight", "state-html", "json-in-json", "json-parse", "no-json"]
)
def test_a_text_that_only_a_script_holds_is_read(
    kind: str, story: "Story", read_html: ReadHtml
) -> None:
    html = f"<html><head><title>{story.title}</title></head><body><div id=app></div>{_script(kind, story)}</body></html>"
    found = article(read_html(html))
    assert found.text == "\n\n".join(story.paragraphs)
    assert found.evidence["text"] == "script"


def _script(kind: str, story: "Story") -> str:
    import json

    teasers = [
        {"title": other, "url": f"/n/{i}", "description": f"{story.paragraphs[i % 5]} {other}." * 3}
        for i, other in enumerate(story.others)
    ]
    elements = [{"type": "text", "content": paragraph} for paragraph in story.paragraphs]
    markup = "".join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs)
    whole = {"headline": story.title, "body": markup, "related": teasers}
    if kind == "arc":
        content = json.dumps({"headlines": {"basic": story.title}, "content_elements": elements})
        return f"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={content};Fusion.feed={json.dumps(teasers)}</script>"
    if kind == "next":
        return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(whole)}</script>'
    if kind == "flight":
        row = "1:" + json.dumps(whole)
        half = len(row) // 2
        pushes = (json.dumps([1, part]) for part in (row[:half], row[half:]))
        return "".join(f"<script>self.__next_f.push({push})</script>" for push in pushes)
    if kind == "json-in-json":
        answer = json.dumps({"status": 200, "body": json.dumps(whole)})
        return f'<script type="application/json" data-sveltekit-fetched>{answer}</script>'
    if kind == "json-parse":
        return f"<script>window.__STATE__=JSON.parse({json.dumps(json.dumps(whole))})</script>"
    if kind == "no-json":
        escaped = json.dumps(markup).replace("</", "<\\x2F")
        return f"<script>window.__NUXT__=(function(a){{return{{data:[{{title:a,body:{escaped}}}]}}}}({json.dumps(story.title)}))</script>"
    return f"<script>window.__STATE__ = {json.dumps({'page': {'data': whole}})};</script>"


def test_an_article_body_in_json_ld_serves_where_the_page_shows_none(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    body = "\\n".join(story.paragraphs).replace('"', '\\"')
    block = f'{{"@type":"NewsArticle","headline":"{story.title}","articleBody":"{body}"}}'
    html = f'<html><body><h1>{story.title}</h1><script type="application/ld+json">{block}</script></body></html>'
    assert article(read_html(html)).text == "\n\n".join(story.paragraphs)


def test_a_flattened_copy_of_the_text_is_read_once(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    flat = f"<div>{' '.join(story.paragraphs)}</div>"
    again = f"<p>{story.paragraphs[1]}</p>"
    assert article(read_html(page(story, body=flat + story.body() + again))).text == "\n\n".join(
        story.paragraphs
    )


def test_furigana_is_not_read_twice(stories: dict[str, "Story"], read_html: ReadHtml) -> None:
    ruby = stories["ja"].body().replace("風", "<ruby>風<rp>(</rp><rt>かぜ</rt><rp>)</rp></ruby>")
    assert "強い風のため" in article(read_html(page(stories["ja"], body=ruby))).text


def test_a_page_whose_title_is_the_sites_name_takes_its_first_line(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    body = "".join(
        f"<p class=ArticleContent>{part}</p>" for part in (story.title, *story.paragraphs)
    )
    html = f"<html><head><title>Coastal Courier</title></head><body><table><tr><td>{body}</td></tr></table></body></html>"
    found = article(read_html(html, "https://coastalcourier.example/index.php?id=7"))
    assert found.title == story.title
    assert found.text == "\n\n".join(story.paragraphs)


def test_the_instant_has_the_zone_that_another_claim_tells(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    head = (
        '<meta property="article:published_time" content="2024-03-14T09:30:00">'
        '<meta property="article:modified_time" content="2024-03-14T11:00:00+09:00">'
    )
    reading = read_html(page(stories["en"], head=head))
    assert article(reading).published_at.isoformat() == "2024-03-14T09:30:00+09:00"  # type: ignore[union-attr]
    assert "zone of" in reading.evidence["published_at"]


def test_without_any_claim_the_zone_is_the_countrys_and_says_so(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    head = '<meta property="article:published_time" content="2024-03-14 09:30">'
    reading = read_html(page(stories["en"], head=head), "https://news.example.co.kr/a/1")
    assert article(reading).published_at.isoformat() == "2024-03-14T09:30:00+09:00"  # type: ignore[union-attr]
    assert "guessed" in reading.evidence["published_at"]


def test_a_time_in_no_known_zone_is_marked(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    head = '<meta property="article:published_time" content="2024-03-14 09:30">'
    reading = read_html(page(stories["en"], head=head), "https://example.com/a/1")
    assert reading.published is not None
    assert not reading.published.has_zone
    assert reading.evidence["published_at"].endswith("zone unknown")


def test_local_time_that_is_marked_as_utc_is_told_by_what_readers_see(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    head = '<meta property="article:published_time" content="2024-03-14T09:30:00Z">'
    reading = read_html(page(stories["ko"], head=head, above="<p class=date>2024.03.14 09:30</p>"))
    assert article(reading).published_at.isoformat() == "2024-03-14T09:30:00+09:00"  # type: ignore[union-attr]


def test_dates_of_other_articles_on_the_page_are_not_taken(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    others = "".join(
        f"<li><a href=/x>{o}</a><p class=date>2023-01-0{i % 9 + 1} 10:00</p></li>"
        for i, o in enumerate(stories["en"].others)
    )
    html = page(
        stories["en"],
        above="<p class=date>Written: 2024-03-14 09:30:00 / Updated: 2024-03-14 10:00:00</p>",
        below=f"<ul>{others}</ul>",
    )
    assert str(article(read_html(html)).published_at).startswith("2024-03-14 09:30")


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("<p>By Ann Reed on <time datetime='2026-03-04T01:30:00Z'>March 4, 2026</time></p>", ""),
        ("", '<script>var s = {"published": "2026-03-04T01:30:00Z", "views": 7}</script>'),
    ],
    ids=["a time within a line", "a script's member"],
)
def test_an_instant_is_found_where_readers_see_a_day_or_nothing(
    stories: dict[str, "Story"], read_html: ReadHtml, above: str, below: str
) -> None:
    html = page(stories["en"], above=above, below=below)
    found = article(read_html(html, "https://example.com/news/ferry"))
    assert found.published_at == datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
    assert found.published_precision is not TimePrecision.DAY


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://example.com/2024/03/14/ferry", "2024-03-14"),
        ("https://example.com/view/AEN20240314004200315", "2024-03-14"),
        ("https://example.com/news/20240314/k1001.html", "2024-03-14"),
        ("https://example.com/english/2024-03/14/c_1.htm", "2024-03-14"),
        ("https://example.com/news/123456789", None),
    ],
)
def test_the_address_tells_the_day_where_the_page_does_not(
    url: str, day: str | None, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    found = article(read_html(page(stories["en"]), url))
    assert (found.published_at and found.published_at.date().isoformat()) == day
    assert found.published_precision == (TimePrecision.DAY if day else None)


def test_the_dateline_is_parsed_from_the_text(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    body = story.body().replace("<p>The ferry", "<p>PORTVILLE, March 14 (Yonhap) -- The ferry", 1)
    found = article(read_html(page(story, body=body)))
    assert found.dateline == Dateline("PORTVILLE", "March 14", "Yonhap")


def test_every_field_says_where_it_was_taken_from(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    block = (
        f'{{"@type":"NewsArticle","headline":"{story.title}","datePublished":"2024-03-14T09:30:00Z",'
        '"dateModified":"2024-03-14T10:30:00Z","author":{"name":"Anna Harbour"},'
        '"articleSection":"Coast","keywords":["ferry","storm"]}'
    )
    head = f'<script type="application/ld+json">{block}</script><meta name="description" content="{story.summary}">'
    reading = read_html(page(story, head=head))
    assert reading.evidence == {
        "title": "h1",
        "text": "text density",
        "published_at": "json-ld datePublished",
        "modified_at": "json-ld dateModified",
        "lead": "meta description",
        "authors": "json-ld author",
        "section": "json-ld articleSection",
        "tags": "json-ld keywords",
        "language": "page",
    }
    found = article(reading)
    assert (found.section, found.tags) == ("Coast", ("ferry", "storm"))
    assert found.authors == ("Anna Harbour",)


def test_the_outlet_itself_is_no_author(stories: dict[str, "Story"], read_html: ReadHtml) -> None:
    head = '<meta name="author" content="Coastal Courier">'
    assert article(read_html(page(stories["en"], head=head))).authors == ()


def test_a_canonical_address_on_another_site_is_not_taken(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    head = '<link rel="canonical" href="https://elsewhere.example.org/stolen">'
    assert article(read_html(page(stories["en"], head=head))).canonical_url == ""


def test_a_cut_page_is_read_and_flagged(story: "Story", read_html: ReadHtml) -> None:
    html = page(story)
    end = html.index(story.paragraphs[4])
    reading = read_html(html[:end])
    assert "truncated" in reading.flags
    assert story.paragraphs[2] in article(reading).text


def test_an_empty_answer_is_an_error(read_html: ReadHtml) -> None:
    for html in ("", " \n ", "<html></html>", "<html><body></body></html>"):
        reading = read_html(html)
        assert reading.page_class is PageClass.ERROR
        assert reading.reason
