"""Models come from their official addresses where no mirror is: downloaded, converted, checked; a wrong byte is refused."""

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from scripts.model_convert import Unconvertible, fsmn_char_ctc, openvino_ir
from scripts.models import MANIFEST, WrongContent, fetch_model, missing_files

MODELS = {model["name"]: model for model in json.loads(MANIFEST.read_text())["models"]}
CONVERTED = ("fsmn-char-ctc-zh", "face-reidentification-retail-0095")


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without talking."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def official(model_dir: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(model_dir)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def at(address: str, name: str) -> dict[str, Any]:
    """The model's entry with its addresses pointing at the test's server."""
    model = json.loads(json.dumps(MODELS[name]))
    for entry in model["files"]:
        if "url" in entry:
            entry["url"] = f"{address}/{name}/{entry['path']}"
    return dict(model)


@pytest.mark.needs_models
@pytest.mark.parametrize("name", CONVERTED)
def test_official_weights_become_the_same_network(name: str, official: str, model_dir: Path, tmp_path: Path) -> None:
    assert fetch_model(at(official, name), tmp_path, None) is None
    network = next(entry["path"] for entry in MODELS[name]["files"] if entry["path"].endswith(".onnx"))
    made, reference = (ort.InferenceSession(str(folder / name / network)) for folder in (tmp_path, model_dir))
    random = np.random.default_rng(7)
    inputs = {}
    for wanted in reference.get_inputs():
        shape = [size if isinstance(size, int) else 25 for size in wanted.shape]
        inputs[wanted.name] = random.uniform(-2, 12, shape).astype(np.float32)
    names = [output.name for output in reference.get_outputs()]
    for ours, theirs in zip(made.run(names, inputs), reference.run(names, inputs), strict=True):
        assert np.abs(np.asarray(ours) - np.asarray(theirs)).max() < 1e-5
    optional = {entry["path"] for entry in MODELS[name]["files"] if entry.get("optional")}
    assert {entry["path"] for entry in missing_files(MODELS[name], tmp_path)} <= optional


@pytest.mark.needs_models
def test_a_changed_download_is_refused_and_leaves_nothing(model_dir: Path, tmp_path: Path, official: str) -> None:
    model = at(official, "silero-vad")
    for entry in model["files"]:
        entry["sha256"] = "0" * 64
    with pytest.raises(WrongContent):
        fetch_model(model, tmp_path, None)
    assert list((tmp_path / "silero-vad").iterdir()) == []


def test_an_address_that_does_not_answer_is_told(tmp_path: Path) -> None:
    problem = fetch_model(at("http://127.0.0.1:9", "silero-vad"), tmp_path, None)
    assert problem is not None
    assert "refused" in problem


class CutShort(Quiet):
    """A network that breaks off in the middle of every file."""

    def do_GET(self) -> None:
        """Half of what was announced."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 500)


def test_a_download_that_breaks_off_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), CutShort)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        archive = {"name": "words", "archive": f"{address}/words.zip", "files": [{"path": "a", "bytes": 1, "sha256": "0"}]}
        for model in (at(address, "silero-vad"), archive):
            assert "broke off" in str(fetch_model(model, tmp_path, None)), "the network's fault: the service starts without it"
    finally:
        server.shutdown()
        server.server_close()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_foreign_files_are_not_converted(tmp_path: Path) -> None:
    (tmp_path / "net").write_bytes(b"\0B<Nnet> <Tanh> \x04\x01\0\0\0\x04\x01\0\0\0")
    (tmp_path / "mvn").write_text("<AddShift> 1 1 <LearnRateCoef> 0 [ 0 ] <Rescale> 1 1 <LearnRateCoef> 0 [ 1 ]")
    with pytest.raises(Unconvertible, match="Tanh"):
        fsmn_char_ctc(tmp_path / "net", tmp_path / "mvn")
    (tmp_path / "ir.xml").write_text('<net><layers><layer id="0" type="LSTM"/></layers><edges/></net>')
    (tmp_path / "ir.bin").write_bytes(b"")
    with pytest.raises(Unconvertible, match="LSTM"):
        openvino_ir(tmp_path / "ir.xml", tmp_path / "ir.bin")
