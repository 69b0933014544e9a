"""Finds an article's fields other than the text: title, time of publication, authors."""
