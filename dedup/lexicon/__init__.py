"""Names of people, places and things in seven languages, as keys that no language owns."""
