"""Defines the table of what the pages of each outlet have in common."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from storage.tables.articles import metadata
from storage.tables.columns import JsonText

# `marks`: the marks of the frame, and on how many of the `pages` each one stands.
outlet_frame = Table(
    "outlet_frame",
    metadata,
    Column("outlet", Text, ForeignKey("outlet.name"), primary_key=True),
    Column("pages", Integer, nullable=False),
    Column("marks", JsonText, nullable=False),
)
