"""Selective forwarding: sources, outgoing streams, rooms. Never decodes, never waits for disk, speech or database."""
