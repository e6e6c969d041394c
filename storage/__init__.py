"""The nouns, and every line of SQL."""
