"""Who carried which KCNA report, how late, and from whom: tables, graphs, drawings."""
