"""Imports articles from files of other systems and from exports of nkwire."""
