"""The three invented outlets of `nkwire demo`. No other command loads them."""
