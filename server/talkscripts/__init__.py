"""Talk scripts (话术): versions, publishing, freezing into a session."""
