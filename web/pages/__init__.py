"""The pages, one module each: what an address says, what is read for it, and the values shown."""
