"""Who did what: append-only audit log."""
