"""Runs in child processes: started, watched, ended."""
