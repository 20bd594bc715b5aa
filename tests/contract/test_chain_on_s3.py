"""From a stopped recording to the inspector's player, everything on a real store that enforces Object Lock."""

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from minio import Minio
from minio.error import S3Error
from pydantic import SecretStr

from server.settings import Settings
from storage.db.ids import new_id
from storage.evidence.package import ZipPackage
from storage.evidence.verify import verify
from tests.contract.rgw import ACCESS, SECRET, Gateway
from tests.support.core import Service, running
from tests.support.recordings import finalise, make_session

pytestmark = pytest.mark.needs_rgw


@pytest.fixture
async def house(gateway: Gateway, tmp_path: Path) -> AsyncIterator[tuple[Service, str]]:
    """The service on a bucket of its own, which it makes itself."""
    bucket = new_id("chain").replace("_", "-")
    settings = Settings(
        data_dir=tmp_path / "data", http_port=0, model_dir=tmp_path / "none", object_store="s3", s3_endpoint=gateway.endpoint,
        s3_access_key=ACCESS, s3_secret_key=SecretStr(SECRET), s3_bucket=bucket, s3_secure=False,
    )  # fmt: skip
    async with running(settings) as service:
        service.clock.at = datetime.now(UTC).replace(microsecond=0)
        yield service, bucket


async def test_a_recording_is_sealed_locked_played_and_exported_from_s3(
    house: tuple[Service, str], gateway: Gateway, tmp_path: Path
) -> None:
    service, bucket = house
    made = await make_session(service.context, length_ms=4_000)
    await finalise(service.context, made.recording_id)
    inspector = await service.sign_in("zhaoliu")
    base = f"/api/v1/recordings/{made.recording_id}"
    view = await inspector.ask("GET", base)
    assert (view["state"], view["is_locked"]) == ("sealed", True)
    raw = Minio(gateway.endpoint, access_key=ACCESS, secret_key=SECRET, secure=False, region="default")
    prefix = f"evidence/{made.case_id}/{made.recording_id}/"
    kept = list(raw.list_objects(bucket, prefix=prefix, recursive=True, include_version=True))
    names = {str(item.object_name).removeprefix(prefix) for item in kept}
    assert names >= {"manifest.json", "signature.json", "timestamp.tsr", "composite.mp4", "thumbnails.jpg", "journal.ndjson"}
    for item in kept:
        with pytest.raises(S3Error):
            raw.remove_object(bucket, str(item.object_name), version_id=item.version_id)
    ticket = await inspector.ask("POST", f"{base}/play", status=200)
    film = next(source for source in ticket["sources"] if source["kind"] == "composite")
    part = await inspector.raw("GET", film["url"], headers={"Range": "bytes=4-7"})
    assert (part.status, await part.read()) == (206, b"ftyp")
    report = await inspector.ask("POST", f"{base}/verify", status=200)
    assert report["is_intact"] is True, report["findings"]
    package = await (await inspector.raw("GET", f"{base}/package")).read()
    assert zipfile.ZipFile(io.BytesIO(package)).testzip() is None
    (tmp_path / "package.zip").write_bytes(package)
    assert verify(ZipPackage(tmp_path / "package.zip")).is_intact
