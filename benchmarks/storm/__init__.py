"""Kills nkwire's processes at random moments and compares what is left with an undisturbed run."""
