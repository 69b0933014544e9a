"""A whole corpus compared at once, in bounded memory."""
