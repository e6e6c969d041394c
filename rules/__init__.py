"""Match: the query language, and the engine that says which rules an article meets and why."""
