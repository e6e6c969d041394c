"""Find: fetch sources through one gate and read what they publish."""
