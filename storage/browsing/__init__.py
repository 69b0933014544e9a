"""Lists for pages: short readings in order of time, page by page, without texts."""
