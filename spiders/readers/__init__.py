"""Read: bytes from strangers become entries and articles, never an exception and never a silent nothing."""
