"""Messages to people (SMS) as a transactional outbox."""
