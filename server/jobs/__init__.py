"""Durable work: what runs after a call ends, survives a killed process, and is visible to people."""
