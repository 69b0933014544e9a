"""The commands that work on files, without a database: extract, links, cluster, evaluate."""
