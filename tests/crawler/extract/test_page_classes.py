"""Invented pages of every class: what is an article, and what must never be stored as one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction
from storage.records import PageClass

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story, Template

ARTICLE, STUB, LISTING = PageClass.ARTICLE, PageClass.STUB, PageClass.LISTING
BLOCKED, ERROR, MEDIA = PageClass.BLOCKED, PageClass.ERROR, PageClass.MEDIA
DOMAIN = "https://example.com"


@dataclass(frozen=True)
class Case:
    name: str
    expected: PageClass
    url: str
    html: str


def head(title: str, language: str = "en", extra: str = "") -> str:
    return f'<html lang="{language}"><head><title>{title}</title>{extra}</head>'


def links(story: "Story", name: str = "related", count: int = 10) -> str:
    items = "".join(
        f'<li><a href="/n/{i}">{o}</a></li>' for i, o in enumerate(story.others[:count])
    )
    return f'<div class="{name}"><h3>+</h3><ul>{items}</ul></div>'


def news_json(story: "Story", extra: str = "") -> str:
    return (
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
        f'"headline":"{story.title}","datePublished":"2024-03-14T09:30:00+09:00"{extra}}}</script>'
    )


def og(story: "Story", kind: str = "article") -> str:
    return (
        f'<meta property="og:type" content="{kind}"><meta property="og:title" content="{story.title}">'
        f'<meta property="og:description" content="{story.summary}">'
    )


def articles(story: "Story") -> Iterator[tuple[str, str, str]]:
    tag, title = story.language, f"{story.title} | {story.site}"
    mixed = "".join(
        f'<p>{p}</p><div class="inline-related"><a href="/x">{o}</a></div>'
        for p, o in zip(story.paragraphs, story.others, strict=False)
    )
    footer = f"<footer>{story.site}</footer></body></html>"
    byline = f'<p class="byline">{story.byline}</p><span class="date">{story.date}</span>'
    yield (
        "bare",
        "/2024/03/14/ferry.html",
        f"{head(title, tag)}<body><h1>{story.title}</h1>{byline}<div>{story.body()}</div>{footer}",
    )
    yield (
        "with-json-ld-and-much-around",
        "/world/ferry-1",
        (
            f"{head(title, tag, og(story) + news_json(story))}<body>{links(story, 'menu')}<main><h1>{story.title}"
            f'</h1><div class="article-body">{story.body()}</div></main>{links(story)}{links(story, "most-read")}{footer}'
        ),
    )
    yield (
        "breaks-instead-of-paragraphs",
        "/view?id=77",
        (
            f"{head(title, tag)}<body><table><tr><td>{links(story, 'gnb')}</td><td><h2 class=title>{story.title}"
            f"</h2><div id=content>{'<br><br>'.join(story.paragraphs)}</div></td></tr></table>{footer}"
        ),
    )
    yield (
        "short-with-metadata",
        "/brief/9",
        (
            f"{head(title, tag, news_json(story))}<body><h1>{story.title}</h1><div class=article_txt>"
            f"{story.body(2)}</div>{links(story)}{footer}"
        ),
    )
    yield (
        "login-form-in-the-header-and-captcha-for-comments",
        "/news/1",
        (
            f"{head(title, tag, og(story))}<body><form><input type=password></form><h1>{story.title}</h1>"
            f'<div class="story-body">{story.body()}</div><div class="comments"><div class="g-recaptcha"></div></div>{footer}'
        ),
    )
    yield (
        "links-between-paragraphs",
        "/news/2",
        (
            f"{head(title, tag, news_json(story))}<body><h1>{story.title}</h1><article>"
            f"{mixed}</article>{footer}"
        ),
    )


def stubs(story: "Story") -> Iterator[tuple[str, str, str]]:
    wall = story.wall
    tag, title = story.language, f"{story.title} | {story.site}"
    locked = news_json(story, ',"isAccessibleForFree":false')
    locked_in_words = news_json(story, ',"isAccessibleForFree":"False"')
    yield (
        "wall-below-the-first-paragraph",
        "/a/1",
        (
            f"{head(title, tag, og(story))}<body><h1>{story.title}</h1><div class=article-body>{story.body(1)}</div>"
            f'<div class="paywall">{wall}</div></body></html>'
        ),
    )
    yield (
        "marked-as-not-free-and-cut",
        "/a/2",
        (
            f"{head(title, tag, og(story) + locked)}<body><h1>{story.title}"
            f"</h1><div class=article-body><p>{story.paragraphs[0][:-2]}…</p></div></body></html>"
        ),
    )
    yield (
        "lead-alone",
        "/a/3",
        f"{head(title, tag, og(story) + news_json(story))}<body><h1>{story.title}</h1></body></html>",
    )
    yield (
        "wall-with-links",
        "/a/4",
        (
            f"{head(title, tag, og(story) + news_json(story))}<body><h1>{story.title}</h1><section class=content>"
            f"{story.body(2)}<p>{wall}</p></section>{links(story)}</body></html>"
        ),
    )
    yield (
        "locked-container",
        "/a/5",
        (
            f"{head(title, tag, locked_in_words)}<body><h1>{story.title}</h1>"
            f'<div class="article-body locked-content">{story.body(1)}</div><div class=x>{wall}</div></body></html>'
        ),
    )


def listings(story: "Story") -> Iterator[tuple[str, str, str]]:
    tag = story.language
    website = "<meta property=og:type content=website>"
    cards = "".join(
        f'<div class="item"><h3><a href="/n/{i}">{o}</a></h3><p>{p}</p><time>{story.date}</time></div>'
        for i, (o, p) in enumerate(zip(story.others, story.paragraphs * 2, strict=True))
    )
    plain = "".join(f'<p><a href="/n/{i}">{o}</a></p>' for i, o in enumerate(story.others))
    rows = "".join(
        f"<tr><td>{i}</td><td><a href=/n/{i}>{o}</a></td><td>{story.date}</td></tr>"
        for i, o in enumerate(story.others)
    )
    yield (
        "front-page",
        "/",
        f"{head(story.site, tag)}<body><h1>{story.site}</h1>{cards}{plain}</body></html>",
    )
    yield (
        "section-of-cards",
        "/world",
        f"{head(story.site, tag)}<body><h1>+</h1>{cards}</body></html>",
    )
    yield (
        "plain-links",
        "/tag/ferry",
        f"{head(story.site, tag)}<body><h1>#</h1>{plain}</body></html>",
    )
    yield (
        "table",
        "/list?page=2",
        f"{head(story.site, tag)}<body><table>{rows}</table></body></html>",
    )
    yield (
        "website-by-its-metadata",
        "/politics",
        (
            f"{head(story.site, tag, website)}<body><main>{links(story, 'news-list')}"
            f"{cards}</main></body></html>"
        ),
    )


def media(story: "Story") -> Iterator[tuple[str, str, str]]:
    tag, title, clip = story.language, f"{story.title} | {story.site}", og(story, "video.other")
    video = (
        '<script type="application/ld+json">{"@type":"VideoObject","name":"'
        f'{story.title}","uploadDate":"2024-03-14T09:30:00+09:00"}}</script>'
    )
    figures = "".join(
        f"<figure><img src=/{i}.jpg><figcaption>{i}</figcaption></figure>" for i in range(8)
    )
    yield (
        "video-page",
        "/video/123",
        f"{head(title, tag, video)}<body><h1>{story.title}</h1><video></video><p>{story.summary}</p></body></html>",
    )
    yield (
        "video-by-its-type",
        "/n/5",
        f"{head(title, tag, clip)}<body><h1>{story.title}</h1><div id=player></div></body></html>",
    )
    yield (
        "gallery",
        "/gallery/9",
        f"{head(title, tag)}<body><h1>{story.title}</h1>{figures}</body></html>",
    )
    yield (
        "photo-page",
        "/photo/77",
        f"{head(title, tag)}<body><h1>{story.title}</h1><img src=a.jpg><p>{story.summary}</p></body></html>",
    )
    yield (
        "many-pictures",
        "/n/88",
        f"{head(title, tag)}<body><h1>{story.title}</h1>{figures}<p>{story.summary}</p></body></html>",
    )


@pytest.fixture(scope="module")
def cases(
    stories: dict[str, "Story"],
    refusals: list[tuple[str, str, str]],
    failures: list[tuple[str, str]],
    templates: list["Template"],
) -> list[Case]:
    found: list[Case] = []
    builders = ((ARTICLE, articles), (STUB, stubs), (LISTING, listings), (MEDIA, media))
    for expected, build in builders:
        for story in stories.values():
            found += [
                Case(f"{expected}-{name}-{story.language}", expected, DOMAIN + path, html)
                for name, path, html in build(story)
            ]
    for template in templates:
        # Refusals and errors have hardly a word that is the story's.
        own = template.kind not in (BLOCKED, ERROR)
        for story in stories.values() if own else (stories["en"], stories["ko"]):
            kind, html = PageClass(template.kind), template.filled(story)
            name = f"{kind}-{template.name}-{story.language}"
            found.append(Case(name, kind, DOMAIN + template.url, html))
    for title, text, extra in refusals:
        html = f"{head(title)}<body><h1>{title}</h1><p>{text}</p>{extra}</body></html>"
        found.append(Case(f"blocked-{title}-{text[:20]}", BLOCKED, f"{DOMAIN}/news/1", html))
    for title, text in failures:
        html = f"{head(title)}<body><h1>{title}</h1><p>{text}</p></body></html>"
        found.append(Case(f"error-{title}-{text[:20]}", ERROR, f"{DOMAIN}/news/1", html))
    return found


@pytest.fixture(scope="module")
def verdicts(
    cases: list[Case], read_html: Callable[..., Extraction]
) -> list[tuple[Case, Extraction]]:
    return [(case, read_html(case.html, case.url)) for case in cases]


@pytest.mark.threats("R4")
def test_there_are_enough_pages_of_every_class(cases: list[Case]) -> None:
    counts = {kind: sum(case.expected is kind for case in cases) for kind in PageClass}
    assert len(cases) >= 150
    assert min(counts.values()) >= 25, counts


@pytest.mark.threats("R4")
def test_what_is_called_an_article_is_one_and_articles_are_found(
    verdicts: list[tuple[Case, Extraction]],
) -> None:
    called = [case for case, reading in verdicts if reading.page_class is ARTICLE]
    right = [case for case in called if case.expected is ARTICLE]
    all_articles = [case for case, _ in verdicts if case.expected is ARTICLE]
    assert len(right) / len(called) >= 0.99, [c.name for c in called if c.expected is not ARTICLE]
    missed = [case.name for case in all_articles if case not in right]
    assert len(right) / len(all_articles) >= 0.98, missed


@pytest.mark.threats("R4")
@pytest.mark.parametrize("kind", list(PageClass), ids=str)
def test_pages_of_every_class_are_told_apart(
    kind: PageClass, verdicts: list[tuple[Case, Extraction]]
) -> None:
    wrong = [
        (case.name, str(reading.page_class), reading.reason)
        for case, reading in verdicts
        if case.expected is kind and reading.page_class is not kind
    ]
    total = sum(case.expected is kind for case, _ in verdicts)
    assert len(wrong) / total <= 0.04, wrong


@pytest.mark.parametrize(
    "title",
    [
        "Forbidden garden opens its gates to 500 visitors",
        "Captcha puzzles puzzle their inventors, study says",
        "Security checks delay 404 flights at the airport",
        "Missing boat not found after 502 hours of search",
        "Library says login problem is solved",
    ],
)
def test_a_short_article_about_such_words_is_an_article(
    title: str, read_html: Callable[..., Extraction]
) -> None:
    text = (
        f"<p>{title}, the office said on Monday, and 500 people heard it with surprise at the port.</p>"
        "<p>We use cookies, a baker told reporters, and you may accept one of them with your tea.</p>"
        "<p>The office will tell more on Tuesday, when the harbour master comes back from the islands.</p>"
        "<p>Until then everybody should be patient, it added, as people here have always been.</p>"
    )
    menu = "<ul>" + "".join(f"<li>Menu entry {i}</li>" for i in range(150)) + "</ul>"
    html = f"{head(title)}<body><h1>{title}</h1><p class=date>March 14, 2024</p><div>{text}</div>{menu}</body>"
    assert read_html(html).page_class is ARTICLE


@pytest.mark.parametrize(
    "source",
    [
        '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>News</title></channel></rss>',
        "\ufeff<feed xmlns='http://www.w3.org/2005/Atom'></feed>",
        '<?xml version="1.0"?><?xml-stylesheet href="x"?><urlset><url><loc>a</loc></url></urlset>',
        "<!-- made today --><rdf:RDF></rdf:RDF>",
    ],
)
def test_a_feed_is_a_listing(source: str, read_html: Callable[..., Extraction]) -> None:
    assert read_html(source).page_class is LISTING


def test_only_articles_and_stubs_carry_an_article(verdicts: list[tuple[Case, Extraction]]) -> None:
    for case, reading in verdicts:
        stored = reading.page_class in (ARTICLE, STUB)
        assert (reading.article is not None) is stored, case.name
        assert stored or reading.reason, case.name


def test_a_stored_page_has_a_title_and_some_text(verdicts: list[tuple[Case, Extraction]]) -> None:
    for case, reading in verdicts:
        if reading.article:
            assert reading.article.title, case.name
            assert reading.article.text, case.name
