"""Finalising a recording, step by step. Each step is idempotent; what it leaves lies in the work folder or the database."""
