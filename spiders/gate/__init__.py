"""The gate: the one place where anything of ours leaves this machine by HTTP."""
