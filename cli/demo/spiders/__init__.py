"""The three invented outlets of `nkwire demo`. Nothing else loads them."""
