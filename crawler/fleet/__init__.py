"""Runs outlets on other hosts: the leader gives jobs out, and workers do them (procrastinate)."""
