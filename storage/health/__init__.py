"""The health of each outlet, assessed from its runs."""
