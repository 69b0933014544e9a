"""Help for those who write an outlet: inspects pages, makes samples, checks sources."""
