"""What a user names in a command line: articles, outlets, languages, formats of files."""
