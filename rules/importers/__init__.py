"""Rules of other programs, in our rule language; what cannot be carried over exactly is said beside each."""
