"""Small ONNX networks for tests, as programs that export them write them."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def graph(nodes, weights=(), *, shape=("N", 3, 8, 8), kind=TensorProto.FLOAT, inputs=1, outputs=("y",)):
    """Return the bytes of a network: its nodes make ``y`` of ``x``."""
    ends = [helper.make_tensor_value_info(f"x{i or ''}", kind, shape) for i in range(inputs)]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    made = helper.make_graph(list(nodes), "g", ends, results, list(weights))
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


def weights(name, shape, seed=0):
    """Return weights that follow from the seed."""
    values = np.random.default_rng(seed).normal(size=shape) / 100
    return numpy_helper.from_array(values.astype(np.float32), name)


def wholes(name, *values):
    """Return whole numbers, such as the sides of a shape."""
    return numpy_helper.from_array(np.array(values, np.int64), name)


def convolutional(shape=("N", 3, 8, 8), seed=0, **options):
    """Return the bytes of a network with a convolution, in the order of channels that PyTorch has."""
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("AveragePool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["c"], ["y"]),
    ]
    return graph(nodes, [weights("w", (6, shape[1], 3, 3), seed)], shape=shape, **options)
