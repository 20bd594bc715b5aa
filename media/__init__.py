"""WebRTC engine: transport, sources, forwarding, prompts, recording, composition, vision. Knows nothing of insurance."""
