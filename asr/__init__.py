"""Speech engine: recognisers, answer listening, text to speech. Knows nothing of insurance."""
