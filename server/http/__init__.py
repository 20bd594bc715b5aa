"""HTTP edge: endpoints, validation, problem+json, OpenAPI."""
