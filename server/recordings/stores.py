"""Builds the object store, the seal key ring and the time-stamp authority from settings."""

from datetime import datetime

from cryptography import x509

from server.settings import Settings
from storage.evidence.signing import KeyRing
from storage.evidence.timestamp import HttpAuthority, LocalAuthority, TimeStampAuthority
from storage.objects.local import LocalObjectStore
from storage.objects.port import ObjectStore, StoreError


async def build_store(settings: Settings) -> ObjectStore:
    """Open the configured store.

    Raises:
        StoreError: production with a store that does not enforce Object Lock, or a store that does not answer.
    """
    store: ObjectStore
    if settings.object_store == "s3":
        from storage.objects.s3 import S3Options, open_s3

        store = await open_s3(
            S3Options(
                endpoint=settings.s3_endpoint,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key.get_secret_value(),
                bucket=settings.s3_bucket,
                region=settings.s3_region,
                secure=settings.s3_secure,
                encryption=settings.s3_encryption,
                ca_file=settings.s3_ca_file,
            )
        )
    else:
        store = LocalObjectStore(settings.data_dir / "store")
    if settings.mode == "production" and not store.capabilities.enforces_lock:
        await store.aclose()
        raise StoreError("OBJECT_LOCK_NOT_ENFORCED", f"{store.capabilities.name} lets locked objects go", retryable=False)
    return store


def build_ring(settings: Settings, now: datetime) -> KeyRing:
    """The seal keys: the configured key file, or development keys of this data folder."""
    ring = KeyRing(settings.data_dir / "seal-keys")
    if settings.seal_key_file is not None:
        ring.adopt_file(settings.seal_key_file, now)
    elif settings.mode == "production":
        raise ValueError("DR_SEAL_KEY_FILE must be set in production")
    else:
        ring.active(now)
    return ring


def build_authority(settings: Settings) -> TimeStampAuthority:
    """The time-stamp authority: the configured one; the local development one in development only.

    Raises:
        ValueError: production without an authority, or certificates that cannot be read.
    """
    if settings.tsa_url and settings.tsa_certificates is not None:
        return HttpAuthority(
            settings.tsa_url,
            x509.load_pem_x509_certificates(settings.tsa_certificates.read_bytes()),
            policy=settings.tsa_policy,
            user=settings.tsa_user,
            password=settings.tsa_password.get_secret_value(),
        )
    if settings.mode == "production":
        raise ValueError("DR_TSA_URL must be set in production")
    return LocalAuthority(settings.data_dir / "time-stamp-authority")
