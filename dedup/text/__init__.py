"""A text made comparable: normalised, without boilerplate, cut into shingles, hashed."""
