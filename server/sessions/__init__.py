"""Live sessions (会话): the room, its commands, its event log."""
