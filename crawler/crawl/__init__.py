"""One run of one outlet: its plan, its polls, its counts and its outcome."""
