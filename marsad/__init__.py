"""Front door: command line, configuration, daemon and demo."""
