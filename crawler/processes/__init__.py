"""Runs in child processes: starts, watches and ends them."""
