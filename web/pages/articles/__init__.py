"""The pages of articles: one article, its versions, and the edits of all."""
