"""Clusters a whole corpus at once, in bounded memory."""
