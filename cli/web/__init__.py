"""`nkwire web`: starts the pages of the corpus."""
