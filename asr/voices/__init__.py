"""Text to speech for prompts: reading aloud, engines, rendering to Ogg Opus."""
