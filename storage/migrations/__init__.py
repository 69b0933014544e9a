"""Alembic's scripts, inside the package so that an installed nkwire can bring any database up to date."""

HEAD = "0025"  # the revision the code is written for; known without importing Alembic
