"""What the crawl remembers: runs, sources, the schedule, leases, hosts, visits."""
