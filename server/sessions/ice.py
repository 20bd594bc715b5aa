"""ICE servers told to pages: TURN with time-limited HMAC credentials (draft-uberti-behave-turn-rest), or none on a LAN."""

import base64
import hashlib
import hmac
from datetime import datetime

from server.settings import Settings

LIFETIME_S = 8 * 3600


def ice_servers(settings: Settings, name: str, now: datetime) -> list[dict[str, object]]:
    """The list for RTCPeerConnection."""
    secret = settings.turn_secret.get_secret_value()
    if not settings.turn_urls:
        return []
    if not secret:
        return [{"urls": settings.turn_urls}]
    username = f"{int(now.timestamp()) + LIFETIME_S}:{name}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return [{"urls": settings.turn_urls, "username": username, "credential": base64.b64encode(digest).decode()}]
