"""Field encryption for personal data, and keyed hashes to search by it.

AES-256-GCM with a fresh nonce; the context (`table.column:row id`) is authenticated, so a value moved to another row does not
decrypt. Key rotation: the key id travels with the value; old keys stay readable.
"""

import base64
import hashlib
import hmac
import os
import unicodedata

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class FieldCipher:
    """Encrypts fields under the newest key and decrypts under any known one.

    Args:
        keys: key id → 32-byte master key, oldest first; the last one encrypts.
    """

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one data key is needed")
        self._current = list(keys)[-1]
        self._aead = {key_id: AESGCM(_derive(key, b"field")) for key_id, key in keys.items()}
        self._search_key = _derive(next(iter(keys.values())), b"search")

    def encrypt(self, plaintext: str, context: str) -> str:
        """Return `v1.<key id>.<base64url>`; `context` must be given again to decrypt."""
        return self.encrypt_bytes(plaintext.encode(), context).decode("ascii")

    def decrypt(self, token: str, context: str) -> str:
        """Undo `encrypt`. Raises `cryptography.exceptions.InvalidTag` for a changed value or another context."""
        return self.decrypt_bytes(token.encode("ascii"), context).decode()

    def encrypt_bytes(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt a blob (an image, a document) the same way."""
        nonce = os.urandom(12)
        sealed = nonce + self._aead[self._current].encrypt(nonce, plaintext, context.encode())
        return b"v1." + self._current.encode() + b"." + base64.urlsafe_b64encode(sealed)

    def decrypt_bytes(self, token: bytes, context: str) -> bytes:
        """Undo `encrypt_bytes`. Raises `ValueError` for an unknown format or key."""
        parts = token.split(b".", 2)
        if len(parts) != 3 or parts[0] != b"v1":
            raise ValueError("not an encrypted field")
        aead = self._aead.get(parts[1].decode("ascii", "replace"))
        if aead is None:
            raise ValueError("encrypted under an unknown key")
        sealed = base64.urlsafe_b64decode(parts[2])
        return aead.decrypt(sealed[:12], sealed[12:], context.encode())

    def search_hash(self, value: str) -> str:
        """Keyed hash for equality search (an ID number, a phone, a name). Whitespace, case and character width are ignored."""
        normal = "".join(unicodedata.normalize("NFKC", value).split()).upper()
        return hmac.new(self._search_key, normal.encode(), hashlib.sha256).hexdigest()


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dr-" + purpose).derive(master)
