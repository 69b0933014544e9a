"""Names of people, places and things in eight languages, as keys that no language owns."""
