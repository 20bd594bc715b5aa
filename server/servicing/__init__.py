"""Policy servicing (保全)."""
