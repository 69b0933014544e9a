"""Lists for pages: short rows without texts, read from one place in a list to the next."""
