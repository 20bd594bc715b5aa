"""Make the ONNX files that have no official download out of the published weights.

`fsmn_char_ctc` reads a Kaldi nnet1 binary (`kwsr.net`) and its feature normalisation (`am.mvn`); `openvino_ir` reads an OpenVINO
IR pair (`.xml`, `.bin`). The inputs are checked by sha256 before; the results are compared with the reference files in
tests/unit/test_model_convert.py. Layers outside the two published networks are refused, never guessed.
"""

import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Unconvertible(Exception):
    """The file holds something this converter does not know."""


class KaldiReader:
    """Reads the tokens, integers, floats, vectors and matrices of a Kaldi binary file."""

    def __init__(self, data: bytes) -> None:
        if data[:2] != b"\0B":
            raise Unconvertible("not a binary Kaldi file")
        self._data, self._at = data, 2

    def token(self) -> str:
        """The next token, `<Name>` or a type mark."""
        end = self._data.index(b" ", self._at)
        text = self._data[self._at : end].decode("ascii")
        self._at = end + 1
        return text

    def peek(self) -> str:
        """The next token, left in place."""
        end = self._data.index(b" ", self._at)
        return self._data[self._at : end].decode("ascii", "replace")

    def number(self, form: str) -> float:
        """A four-byte integer (`i`) or float (`f`) with its size mark."""
        if self._data[self._at] != 4:
            raise Unconvertible(f"size mark {self._data[self._at]} at {self._at}")
        (value,) = struct.unpack_from(f"<{form}", self._data, self._at + 1)
        self._at += 5
        return float(value)

    def integer(self) -> int:
        """An integer."""
        return int(self.number("i"))

    def array(self) -> Floats:
        """A float matrix [rows, columns] or vector [n]."""
        mark = self.token()
        if mark not in ("FM", "FV"):
            raise Unconvertible(f"expected a matrix or vector, found {mark}")
        shape = (self.integer(), self.integer()) if mark == "FM" else (self.integer(),)
        count = int(np.prod(shape))
        values = np.frombuffer(self._data, "<f4", count, self._at).reshape(shape)
        self._at += count * 4
        return values

    def options(self) -> None:
        """Skip training options in front of the weights."""
        while self.peek() in ("<LearnRateCoef>", "<BiasLearnRateCoef>", "<MaxNorm>"):
            self.token()
            self.number("f")


def _normalisation(text: str) -> tuple[Floats, Floats]:
    """Shift and scale of an `am.mvn` file."""
    found = re.findall(r"<(AddShift|Rescale)>[^\[]*\[([^\]]*)\]", text)
    values = {name: np.array(numbers.split(), np.float32) for name, numbers in found}
    if set(values) != {"AddShift", "Rescale"}:
        raise Unconvertible("no AddShift and Rescale in the normalisation file")
    return values["AddShift"], values["Rescale"]


def fsmn_char_ctc(net: Path, mvn: Path) -> bytes:
    """ONNX of the streaming character CTC network.

    Inputs `feats` [1, T, 400] and `cache0..3` [1, 128, 11]; outputs `log_probs` [1, T, tokens] and `cache0_out..3_out`. The
    memory of a layer looks at 9 steps before, the present one and 2 after, plus the present value itself; the cache makes up for
    the 2 after.
    """
    from onnx import TensorProto, helper, numpy_helper

    reader = KaldiReader(net.read_bytes())
    weights: list[Any] = []
    nodes: list[Any] = []

    def constant(name: str, value: npt.NDArray[Any]) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    shift, scale = _normalisation(mvn.read_text(encoding="utf-8"))
    flow = node("Add", ["feats", constant("cmvn_shift", shift)], "shifted")
    flow = node("Mul", [flow, constant("cmvn_scale", scale)], "normalised")
    constant("slice_start", np.array([-11]))
    constant("slice_end", np.array([np.iinfo(np.int64).max]))
    constant("slice_axis", np.array([2]))
    if reader.token() != "<Nnet>":
        raise Unconvertible("no <Nnet>")
    caches: list[Any] = []
    width = 0
    for number in range(100):
        kind = reader.token()
        if kind == "</Nnet>":
            break
        width, before = reader.integer(), reader.integer()
        if kind in ("<AffineTransform>", "<LinearTransform>"):
            reader.options()
            flow = node("MatMul", [flow, constant(f"w{number}", reader.array().T)], f"matmul{number}")
            if kind == "<AffineTransform>":
                flow = node("Add", [flow, constant(f"b{number}", reader.array())], f"affine{number}")
        elif kind == "<RectifiedLinear>":
            flow = node("Relu", [flow], f"relu{number}")
        elif kind == "<Fsmn>":
            kernel = _memory(reader, before)
            cache = f"cache{len(caches)}"
            turned = node("Transpose", [flow], f"turned{number}", perm=[0, 2, 1])
            joined = node("Concat", [cache, turned], f"joined{number}", axis=2)
            node("Slice", [joined, "slice_start", "slice_end", "slice_axis"], f"{cache}_out")
            shape = [kernel.shape[-1]]
            filtered = node("Conv", [joined, constant(f"k{number}", kernel)], f"conv{number}", group=before, kernel_shape=shape)
            flow = node("Transpose", [filtered], f"memory{number}", perm=[0, 2, 1])
            caches.append((cache, [1, before, shape[0] - 1]))
        elif kind == "<Softmax>":
            flow = node("LogSoftmax", [flow], "log_probs", axis=-1)
        else:
            raise Unconvertible(f"layer {kind}")
    real = TensorProto.FLOAT
    inputs = [("feats", [1, "T", len(shift)]), *caches]
    outputs = [("log_probs", [1, "T", width]), *((f"{name}_out", shape) for name, shape in caches)]
    return _model(nodes, [helper.make_tensor_value_info(n, real, s) for n, s in inputs],
                  [helper.make_tensor_value_info(n, real, s) for n, s in outputs], weights, opset=13)  # fmt: skip


def _memory(reader: KaldiReader, channels: int) -> Floats:
    options: dict[str, int] = {}
    while reader.peek() in ("<LearnRateCoef>", "<LOrder>", "<ROrder>", "<LStride>", "<RStride>", "<MaxNorm>"):
        name = reader.token()
        options[name] = int(reader.number("f" if name in ("<LearnRateCoef>", "<MaxNorm>") else "i"))
    if (options["<LStride>"], options["<RStride>"]) != (1, 1):
        raise Unconvertible("a memory with strides")
    left, right = reader.array(), reader.array()
    if left.shape != (options["<LOrder>"], channels) or right.shape != (options["<ROrder>"], channels):
        raise Unconvertible("a memory of another shape")
    present = left[0] + np.float32(1)
    return np.concatenate([left[:0:-1], present[None], right]).T[:, None, :]


def openvino_ir(xml: Path, weights_file: Path) -> bytes:
    """ONNX (float32) of an OpenVINO IR of convolutions, PReLU, additions, products, average pools and sigmoids."""
    from onnx import TensorProto, helper, numpy_helper

    blob = weights_file.read_bytes()
    root = ET.parse(xml).getroot()  # noqa: S314 - a file whose sha256 was checked
    sources: dict[tuple[str, str], tuple[str, str]] = {}
    for edge in root.iter("edge"):
        at = {name: edge.attrib[name] for name in ("from-layer", "from-port", "to-layer", "to-port")}
        sources[at["to-layer"], at["to-port"]] = (at["from-layer"], at["from-port"])
    constants: dict[str, npt.NDArray[Any]] = {}
    names: dict[str, str] = {}
    nodes: list[Any] = []
    inputs: list[Any] = []
    outputs: list[Any] = []
    weights: list[Any] = []
    real = TensorProto.FLOAT

    def shape_of(port: ET.Element) -> list[int]:
        return [int(dim.text or 0) for dim in port.findall("dim")]

    def operand(layer: str, value: npt.NDArray[Any] | None = None) -> str:
        if layer not in constants:
            return names[layer]
        name = f"w{layer}"
        if all(known.name != name for known in weights):
            weights.append(numpy_helper.from_array(np.ascontiguousarray(constants[layer] if value is None else value), name))
        return name

    for layer in root.iter("layer"):
        number, kind = layer.attrib["id"], layer.attrib["type"]
        data = layer.find("data")
        options = dict(data.attrib) if data is not None else {}
        ports = layer.findall("input/port")
        feeds = [sources[number, port.attrib["id"]][0] for port in ports]
        if kind == "Parameter":
            names[number] = "input"
            inputs.append(helper.make_tensor_value_info("input", real, _integers(options["shape"])))
        elif kind == "Const":
            form = {"f16": "<f2", "f32": "<f4"}[options["element_type"]]
            start, size = int(options["offset"]), int(options["size"])
            shape = _integers(options["shape"])
            constants[number] = np.frombuffer(blob[start : start + size], form).reshape(shape).astype(np.float32)
        elif kind == "Convert":
            constants[number] = constants[feeds[0]]
        elif kind == "Result":
            outputs.append(helper.make_tensor_value_info("embedding", real, shape_of(ports[0])))
            nodes.append(helper.make_node("Identity", [operand(feeds[0])], ["embedding"]))
        else:
            names[number] = f"t{number}"
            nodes.append(_layer(kind, options, operand, constants, feeds, names[number]))
    return _model(nodes, inputs, outputs, weights, opset=11)


def _layer(
    kind: str, options: dict[str, str], operand: Any, constants: dict[str, npt.NDArray[Any]], feeds: list[str], output: str
) -> Any:
    from onnx import helper

    if kind in ("Add", "Multiply", "Sigmoid"):
        operator = {"Add": "Add", "Multiply": "Mul", "Sigmoid": "Sigmoid"}[kind]
        return helper.make_node(operator, [operand(feed) for feed in feeds], [output])
    if kind == "PReLU":
        slope = constants[feeds[1]].reshape(-1, 1, 1)
        return helper.make_node("PRelu", [operand(feeds[0]), operand(feeds[1], slope)], [output])
    if kind not in ("Convolution", "GroupConvolution", "AvgPool") or options["auto_pad"] != "explicit":
        raise Unconvertible(f"layer {kind}")
    geometry: dict[str, Any] = {
        "strides": _integers(options["strides"]),
        "pads": _integers(options["pads_begin"]) + _integers(options["pads_end"]),
    }
    if kind == "AvgPool":
        geometry["kernel_shape"] = _integers(options["kernel"])
        return helper.make_node("AveragePool", [operand(feeds[0])], [output], **geometry)
    kernel = constants[feeds[1]]
    geometry["group"] = kernel.shape[0] if kind == "GroupConvolution" else 1
    if kind == "GroupConvolution":
        kernel = kernel.reshape(-1, *kernel.shape[2:])
    geometry["kernel_shape"] = list(kernel.shape[2:])
    geometry["dilations"] = _integers(options["dilations"])
    return helper.make_node("Conv", [operand(feeds[0]), operand(feeds[1], kernel)], [output], **geometry)


def _integers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _model(nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: list[Any], *, opset: int) -> bytes:
    from onnx import checker, helper

    graph = helper.make_graph(nodes, "converted", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data
