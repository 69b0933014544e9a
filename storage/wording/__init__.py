"""How numbers, durations and the counts of runs are written for people. Pure functions."""
