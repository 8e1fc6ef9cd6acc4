"""The classifier's weights: words with a weight for each leaf; small, linear, and readable word by word."""

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class ModelFile(Struct, frozen=True, forbid_unknown_fields=True):
    """As it lies on disk (MessagePack): weights are int8, one scale per leaf."""

    version: str
    words: tuple[str, ...]
    leaves: tuple[str, ...]
    salience: bytes  # float16: rare words count for more than common ones
    weights: bytes
    scales: tuple[float, ...]
    bias: tuple[float, ...]
    temperature: float
    zones: tuple[float, float, float]  # weight of a word in the title, the body, the end of the body


class Model(Struct, frozen=True):
    version: str
    words: tuple[str, ...]
    leaves: tuple[str, ...]
    salience: Floats  # one per word
    weights: Floats  # words x leaves
    bias: Floats
    temperature: float
    zones: tuple[float, float, float]


def decode(data: bytes) -> Model:
    """Raises msgspec.ValidationError or ValueError on anything that is not a model file."""
    file = msgspec.msgpack.decode(data, type=ModelFile)
    shape = (len(file.words), len(file.leaves))
    weights = np.frombuffer(file.weights, np.int8).reshape(shape).astype(np.float32)
    weights *= np.array(file.scales, np.float32)
    bias = np.array(file.bias, np.float32)
    salience = np.frombuffer(file.salience, np.float16).astype(np.float32)
    if len(salience) != len(file.words):
        raise ValueError("the model file's salience does not fit its words")
    return Model(file.version, file.words, file.leaves, salience, weights, bias, file.temperature, file.zones)


def encode(model: Model) -> bytes:
    scales = np.maximum(np.abs(model.weights).max(axis=0), 1e-6) / 127.0
    weights = np.rint(model.weights / scales).astype(np.int8)
    return msgspec.msgpack.encode(
        ModelFile(
            model.version,
            model.words,
            model.leaves,
            model.salience.astype(np.float16).tobytes(),
            weights.tobytes(),
            tuple(float(scale) for scale in scales),
            tuple(round(float(bias), 4) for bias in model.bias),
            model.temperature,
            model.zones,
        )
    )
