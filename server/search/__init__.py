"""Search over cases, their people, verdicts and what was said."""
