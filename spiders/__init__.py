"""One file for each outlet: declarations only."""
