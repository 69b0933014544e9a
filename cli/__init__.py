"""The `nkwire` command. It parses options, calls the packages below and prints the result."""
