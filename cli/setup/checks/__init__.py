"""What `nkwire doctor` looks at, one function for each thing."""
