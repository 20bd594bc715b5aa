"""Large objects in parts, resumable: what an earlier process stored of the same bytes is not sent again.

Nothing is remembered here. The server lists the unfinished uploads of the key and their parts; a part counts if its ETag is the
MD5 of our bytes at that place. minio's public client has no such call, so this module uses its request methods (minio 7.2.20;
`tests/unit/test_private_names.py` and `tests/contract/test_multipart.py` fail when they change). Parts that nobody finishes are
dropped by the bucket's lifecycle rule.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minio.datatypes import Part
from minio.error import S3Error


def put_resumable(
    client: Any, bucket: str, key: str, path: Path, part_size: int, headers: Mapping[str, str]
) -> tuple[str | None, str, int]:
    """Store a file in parts. Blocks; call it in a thread.

    Args:
        headers: metadata, content type and encryption of a new upload.

    Returns:
        Version id, the ETag the whole must have, and how many parts were there already.
    """
    size = path.stat().st_size
    count = max(1, -(-size // part_size))
    upload_id, present = _unfinished(client, bucket, key)
    if upload_id is None:
        upload_id = client._create_multipart_upload(bucket, key, dict(headers))
    parts: list[Part] = []
    digests: list[bytes] = []
    resumed = 0
    with path.open("rb") as file:
        for number in range(1, count + 1):
            data = file.read(part_size)
            digest = hashlib.md5(data, usedforsecurity=False)
            etag = present.get(number)
            if etag == digest.hexdigest():
                resumed += 1
            else:
                etag = client._upload_part(bucket, key, data, None, upload_id, number)
            parts.append(Part(number, etag))
            digests.append(digest.digest())
    result = client._complete_multipart_upload(bucket, key, upload_id, parts)
    whole = hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()
    return result.version_id, f"{whole}-{count}", resumed


def _unfinished(client: Any, bucket: str, key: str) -> tuple[str | None, dict[int, str]]:
    """The newest unfinished upload of a key with its parts; older ones are given up."""
    listed = client._list_multipart_uploads(bucket, prefix=key)
    uploads = sorted((item for item in listed.uploads if item.object_name == key), key=lambda item: item.initiated_time)
    for old in uploads[:-1]:
        abort(client, bucket, key, old.upload_id)
    if not uploads:
        return None, {}
    upload_id = uploads[-1].upload_id
    parts: dict[int, str] = {}
    marker: str | None = None
    try:
        while True:
            found = client._list_parts(bucket, key, upload_id, part_number_marker=marker)
            parts |= {part.part_number: part.etag for part in found.parts}
            marker = str(found.next_part_number_marker or "")
            if not found.is_truncated or not marker:
                return upload_id, parts
    except S3Error as error:
        if error.code != "NoSuchUpload":
            raise
        return None, {}


def abort(client: Any, bucket: str, key: str, upload_id: str) -> None:
    """Give an upload up; its parts are freed. One that is gone is fine."""
    try:
        client._abort_multipart_upload(bucket, key, upload_id)
    except S3Error as error:
        if error.code != "NoSuchUpload":
            raise


def etag_of(path: Path, part_size: int) -> str:
    """The ETag an S3 server gives a file that was sent this way."""
    digests: list[bytes] = []
    with path.open("rb") as file:
        while data := file.read(part_size):
            digests.append(hashlib.md5(data, usedforsecurity=False).digest())
    if len(digests) <= 1:
        return (digests[0] if digests else hashlib.md5(usedforsecurity=False).digest()).hex()
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"
