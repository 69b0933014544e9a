"""The corpus in a browser: pages, their JSON twins and Atom feeds. `nkwire web` serves them."""
