"""The service: HTTP, signalling, business rules and durable jobs."""
