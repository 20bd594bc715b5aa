"""Who may do what at the callback desk, for all its endpoints."""

from server.http.endpoint import staff

OPERATOR = staff("callback_operator")
DESK = staff("callback_operator", "administrator", "compliance")
"""Lists, calls, warnings, rules, figures, exports."""
READERS = staff("callback_operator", "administrator", "compliance", "inspector")
"""A callback with its history and files: inspectors read it beside the recording."""
