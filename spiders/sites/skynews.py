"""Sky News (news.sky.com): stories, live blogs, videos and listings of both designs, 2018 and 2026."""

import re
from zoneinfo import ZoneInfo

from spiders.sites.site import Site

# JSON-LD dates carry no zone and mean the clock in London; its author is the organisation "Sky",
# so the byline and the time element of the page come first.
SKY_NEWS = Site(
    name="skynews",
    hosts=("news.sky.com",),
    lang="en",
    zone=ZoneInfo("Europe/London"),
    story=re.compile(r"^/story/[^/?#]+-[0-9]+/?$"),
    skip=re.compile(r"^/video/"),
    title=(
        '[data-testid="article-header-title"]',
        ".sdc-site-component-header--h1",
        ".sdc-article-header__titles h1",
        "h1",
    ),
    standfirst=('[data-testid="article-header-sub-title"]', ".sdc-article-header__sub-title"),
    body=('[data-testid="article-body"]', '[data-component-name="sdc-article-body"]', ".sdc-article-body"),
    live=('[data-testid="liveblog"]', ".ui-liveblog", ".sdc-article-body--liveblog"),
    drop=(
        "figure",
        "figcaption",
        ".sdc-article-widget",
        '[data-testid="vendor-outbrain"]',
        "[class*=outbrain]",
        "aside",
        ".sdc-site-video",
        ".sdc-article-related-stories",
        ".ui-advert",
        "script",
        "style",
        "noscript",
        "button",
        "form",
    ),
    authors=(
        ".article-author a",
        ".sdc-article-author__name a",
        ".sdc-article-author__name",
        '[data-testid="article-author"] a',
    ),
    dates=(
        'time[data-testid="article-date"]',
        ".sdc-article-date time",
        "time[datetime]",
        ".sdc-article-date__date-time",
    ),
    own_names=("Sky", "Sky News", "Sky UK"),
    headlines=("a.ui-story-headline", "a.sdc-site-tile__headline-link", ".sdc-site-tile__headline > a"),
)
