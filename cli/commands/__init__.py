"""The commands, one module for each topic. A module has options, one call and printing."""
