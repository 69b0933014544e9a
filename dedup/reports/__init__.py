"""Groups articles that carry the same report of North Korea's media, in any language."""
