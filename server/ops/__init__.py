"""Processes, health, metrics, logging."""
