"""A transducer that ignores the sound and always says the same words at the same times.

The real loading, feature and search code of sherpa-onnx runs over it, so it proves the plumbing and never accuracy.
One frame of the encoder is 40 ms.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAMES = 1500


def build(directory: Path, script: dict[int, str]) -> Path:
    """A model directory whose token for frame *f* is `script[f]`; a `▁` begins a word."""
    directory.mkdir(parents=True, exist_ok=True)
    tokens = ["<blk>", "<sos/eos>", "<unk>", *dict.fromkeys(script.values())]
    (directory / "tokens.txt").write_text("".join(f"{token} {number}\n" for number, token in enumerate(tokens)))
    size = len(tokens)
    table = np.zeros((1, FRAMES, size), np.float32)
    table[:, :, 0] = 10
    for frame, token in script.items():
        table[0, frame, 0] = 0
        table[0, frame, tokens.index(token)] = 10
    _save(directory / "encoder.onnx", _encoder(table, size), {"model_type": "zipformer2", "version": "1"})
    _save(directory / "decoder.onnx", _decoder(size), {"vocab_size": str(size), "context_size": "2"})
    _save(directory / "joiner.onnx", _joiner(size), {"joiner_dim": str(size)})
    return directory


def _constant(name: str, value: object) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value), name)


def _encoder(table: np.ndarray, size: int) -> onnx.GraphProto:
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "zero"], ["n"], axis=0),
        helper.make_node("Gather", ["shape", "one"], ["t"], axis=0),
        helper.make_node("Div", ["t", "four"], ["frames"]),
        helper.make_node("Slice", ["table", "zero", "frames", "one"], ["cut"]),
        helper.make_node("Concat", ["n", "one", "one"], ["rows"], axis=0),
        helper.make_node("Expand", ["cut", "rows"], ["encoder_out"]),
        helper.make_node("Div", ["x_lens", "four"], ["encoder_out_lens"]),
    ]
    whole = {"zero": [0], "one": [1], "four": [4]}
    return helper.make_graph(
        nodes,
        "encoder",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "T", 80]),
            helper.make_tensor_value_info("x_lens", TensorProto.INT64, ["N"]),
        ],
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, ["N", "F", size]),
            helper.make_tensor_value_info("encoder_out_lens", TensorProto.INT64, ["N"]),
        ],
        [
            _constant("table", table),
            *(_constant(name, np.array(value, np.int64)) for name, value in whole.items()),
        ],
    )


def _decoder(size: int) -> onnx.GraphProto:
    nodes = [
        helper.make_node("Cast", ["y"], ["yf"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["yf", "nothing"], ["decoder_out"]),
    ]
    return helper.make_graph(
        nodes,
        "decoder",
        [helper.make_tensor_value_info("y", TensorProto.INT64, ["N", 2])],
        [helper.make_tensor_value_info("decoder_out", TensorProto.FLOAT, ["N", size])],
        [_constant("nothing", np.zeros((2, size), np.float32))],
    )


def _joiner(size: int) -> onnx.GraphProto:
    return helper.make_graph(
        [helper.make_node("Add", ["encoder_out", "decoder_out"], ["logit"])],
        "joiner",
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, ["N", size]),
            helper.make_tensor_value_info("decoder_out", TensorProto.FLOAT, ["N", size]),
        ],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["N", size])],
    )


def _save(path: Path, graph: onnx.GraphProto, metadata: dict[str, str]) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.save(model, str(path))
