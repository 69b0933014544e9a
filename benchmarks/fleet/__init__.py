"""Kills clocks and workers of a fleet at random, and measures what that costs and what it needs idle."""
