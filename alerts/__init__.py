"""Tell: turn a match into a message and hand it over, once."""
