"""Inspection (质检): queue, player, verdicts."""
