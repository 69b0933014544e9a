"""`nkwire demo`: runs everything offline on invented pages, in real child processes."""
