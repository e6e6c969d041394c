"""What words are: scripts, forms, detection, concepts, fingerprints. Pure, no I/O."""
