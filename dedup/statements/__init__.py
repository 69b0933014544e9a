"""Finds who speaks in a statement of North Korea: the government, a ministry, a spokesperson."""
