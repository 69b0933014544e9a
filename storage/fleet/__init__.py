"""Hands runs to workers on other hosts: jobs, workers, and what is made up for after one is silent.

The queue is procrastinate's, in the same PostgreSQL database. Here its tables are only read and
changed by plain SQL, so that who looks needs no further package.
"""
