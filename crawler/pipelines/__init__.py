"""Item pipelines: an article is validated, then stored."""
