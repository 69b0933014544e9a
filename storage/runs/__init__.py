"""Stores the state of crawling: runs, sources, the schedule, leases, hosts, visits."""
