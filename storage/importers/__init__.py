"""Files that articles come in from: one module says what a file is, one what its rows mean."""
