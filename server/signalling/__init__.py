"""WebSocket edge of live sessions."""
