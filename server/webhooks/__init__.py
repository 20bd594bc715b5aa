"""Results for other systems: signed, durable, retried, with a dead-letter list."""
