"""Recordings after the call: finalise, compose, seal, verify."""
