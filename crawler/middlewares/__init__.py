"""Downloader middlewares: robots.txt, host turns, pauses, hosts, recording."""
