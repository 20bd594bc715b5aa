"""A whole case without a person watching: real Chromium, real speech, a real face (`make demo-case`, browser tests)."""
