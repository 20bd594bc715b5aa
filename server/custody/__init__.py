"""Custody of sealed recordings: how long each is kept, applied on the store, and disposal that two people approve."""
