"""The pages on outlets: how they stand, how much they print, and how late they are."""
