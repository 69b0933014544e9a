"""`nkwire demo`: the whole job on invented pages, offline, in real child processes."""
