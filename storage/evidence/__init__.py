"""Evidence: canonical JSON, hash chains, manifest, seal, time stamp and offline verification. Knows nothing of the service."""
