"""Fetch the speech and face models into a folder, from a mirror folder or from their official addresses.

    python -m scripts.models [--to models] [--mirror DIR] [--check]

The mirror (`DR_MODEL_MIRROR`, default `../shared/models` where it exists) is tried first: air-gapped sites copy from it.
What has no official download is converted from the published weights (scripts/model_convert.py). Every file is checked
against the sha256 in `scripts/models.json` and written atomically. What cannot be had is listed with what it turns off; the
exit code is 0 unless a file's content is wrong: the service starts without it and says so.
"""

import argparse
import hashlib
import http.client
import json
import os
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "scripts" / "models.json"
TIMEOUT_S = 20


class WrongContent(Exception):
    """A file came, but it is not the file that was asked for."""


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def default_mirror() -> Path | None:
    """The configured mirror folder, or the one beside the project."""
    configured = os.environ.get("DR_MODEL_MIRROR")
    folder = Path(configured) if configured else ROOT.parent / "shared" / "models"
    return folder if folder.is_dir() else None


def forms(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The accepted contents of a file: as the mirror has it, or as converted here from the published weights."""
    return [entry, entry["converted"]] if "converted" in entry else [entry]


def missing_files(model: dict[str, Any], target: Path) -> list[dict[str, Any]]:
    """Files of a model that are absent or of another size (the cheap check of every start)."""
    folder = target / str(model["name"])

    def is_there(entry: dict[str, Any]) -> bool:
        path = folder / entry["path"]
        return path.is_file() and path.stat().st_size in {form["bytes"] for form in forms(entry)}

    return [entry for entry in model["files"] if not is_there(entry)]


def fetch_model(model: dict[str, Any], target: Path, mirror: Path | None) -> str | None:
    """Bring one model. Returns None when it is complete, else why it is not."""
    wanted = missing_files(model, target)
    if not wanted:
        return None
    folder = target / str(model["name"])
    for entry in list(wanted):
        source = mirror / str(model["name"]) / entry["path"] if mirror else None
        if source and source.is_file():
            _place(source, folder / entry["path"], entry)
            wanted.remove(entry)
    try:
        if wanted and "archive" in model:
            _from_archive(model["archive"], wanted, folder)
            wanted = []
        for entry in list(wanted):
            if "url" in entry:
                _download(entry["url"], folder / entry["path"], entry)
                wanted.remove(entry)
        for entry in list(wanted):
            if "converted" in entry and all((folder / name).is_file() for name in entry["converted"]["from"]):
                _convert(folder, entry)
                wanted.remove(entry)
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {getattr(error, 'reason', error)}"
    wanted = [entry for entry in wanted if not entry.get("optional")]
    if wanted:
        return "no address for " + ", ".join(f["path"] for f in wanted)
    return None


def _place(source: Path, destination: Path, entry: dict[str, Any]) -> None:
    with _half_written(destination) as temporary, source.open("rb") as file:
        shutil.copyfileobj(file, temporary)
        _settle(temporary, destination, entry)


def _download(url: str, destination: Path, entry: dict[str, Any]) -> None:
    with _half_written(destination) as temporary:
        _fetch(url, temporary)
        _settle(temporary, destination, entry)


def _fetch(url: str, file: IO[bytes]) -> None:
    """Raises `OSError` where the address does not answer, or breaks off before the end it announced."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:
        shutil.copyfileobj(response, file)
        if file.tell() < int(response.headers.get("Content-Length") or 0):
            raise ConnectionError(f"{url} broke off")


def _convert(folder: Path, entry: dict[str, Any]) -> None:
    from scripts import model_convert  # onnx is slow to import and not needed where a mirror has the file

    how = entry["converted"]
    convert = {"fsmn_char_ctc": model_convert.fsmn_char_ctc, "openvino_ir": model_convert.openvino_ir}[how["by"]]
    data = convert(*(folder / name for name in how["from"]))
    with _half_written(folder / entry["path"]) as temporary:
        temporary.write(data)
        _settle(temporary, folder / entry["path"], entry)


def _from_archive(url: str, wanted: list[dict[str, Any]], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        archive = Path(scratch) / "model.zip"
        with archive.open("wb") as file:
            _fetch(url, file)
        if not zipfile.is_zipfile(archive):
            raise WrongContent(f"{url} is no archive")
        with zipfile.ZipFile(archive) as zipped:
            names = {name.partition("/")[2]: name for name in zipped.namelist()}
            for entry in wanted:
                if entry["path"] not in names:
                    raise WrongContent(f"{url} has no {entry['path']}")
                out = Path(scratch) / "member"
                with zipped.open(names[entry["path"]]) as member, out.open("wb") as file:
                    shutil.copyfileobj(member, file)
                _place(out, folder / entry["path"], entry)


@contextmanager
def _half_written(destination: Path) -> Iterator[IO[bytes]]:
    """A file beside its destination; whatever goes wrong, nothing of it stays there."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    temporary = tempfile.NamedTemporaryFile(dir=destination.parent, delete=False)  # noqa: SIM115 - closed below
    try:
        with temporary:
            yield temporary
    finally:
        Path(temporary.name).unlink(missing_ok=True)


def _settle(temporary: IO[bytes], destination: Path, entry: dict[str, Any]) -> None:
    temporary.flush()
    path = Path(temporary.name)
    got = sha256_of(path)
    expected = [form["sha256"] for form in forms(entry)]
    if got not in expected:
        raise WrongContent(f"{destination.name}: sha256 {got}, expected {' or '.join(expected)}")
    path.chmod(0o644)
    path.replace(destination)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--to", type=Path, default=Path(os.environ.get("DR_MODEL_DIR", ROOT / "models")))
    parser.add_argument("--mirror", type=Path, default=default_mirror())
    parser.add_argument("--check", action="store_true", help="hash every file that is there; fetch nothing")
    options = parser.parse_args()
    models = json.loads(MANIFEST.read_text())["models"]
    wrong = 0
    for model in models:
        name = model["name"]
        if options.check:
            for entry in model["files"]:
                path = options.to / name / entry["path"]
                if path.is_file() and sha256_of(path) not in [form["sha256"] for form in forms(entry)]:
                    wrong += 1
                    print(f"模型文件已损坏: {path}", file=sys.stderr)
            continue
        try:
            problem = fetch_model(model, options.to, options.mirror)
        except WrongContent as error:
            wrong += 1
            print(f"✗ {name}: 内容校验失败 {error}", file=sys.stderr)
            continue
        if problem:
            print(f"! {name}: 未取得 ({problem})。影响：{model['without']}")
        else:
            print(f"✓ {name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
