"""The forms by which a person who signed in decides: the only part of the pages that writes."""
