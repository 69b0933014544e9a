"""The commands, one module a theme: options, one call, printing."""
