"""Lists all pages. A page that is not here does not exist."""

from web.page import Page
from web.pages import about

PAGES: tuple[Page, ...] = (about.PAGE,)
