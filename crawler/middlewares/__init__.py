"""Downloader middlewares: allowed hosts, robots.txt, turns at a host, pauses, recording."""
