"""Help for those who write an outlet: inspect pages, make samples, check sources."""
