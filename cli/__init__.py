"""The `nkwire` command: parse options, call, print."""
