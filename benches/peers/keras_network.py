"""Writes a Keras CNN, channels last, as an ONNX file, with what TensorFlow says of it.

    python benches/peers/keras_network.py FOLDER

writes FOLDER/keras.onnx and FOLDER/keras.npz for networks/tests/exported.rs: `x` (4 images in [0, 1], channels last), the `logits` of onnxruntime, and
TensorFlow's `gradient` of the logit of each image's `class` (the second most likely) and `loss_gradient` of its cross-entropy. Weights are random and seeded.
Needs tensorflow, tf2onnx, onnxruntime.
"""

import sys
from pathlib import Path

import keras
import numpy
import onnxruntime
import tensorflow
from keras import layers

IMAGES = 4


def network():
    return keras.Sequential([
        layers.Input((28, 28, 3)),
        layers.Conv2D(16, 3, padding="same", use_bias=False), layers.BatchNormalization(), layers.Activation("relu"),
        layers.DepthwiseConv2D(3, strides=2, padding="same"), layers.Activation("relu6"),
        layers.Conv2D(24, 5, strides=2, padding="same"), layers.LeakyReLU(), layers.MaxPooling2D(2, padding="same"),
        layers.SeparableConv2D(32, 3, padding="same"), layers.Activation("elu"), layers.GlobalAveragePooling2D(), layers.Dropout(0.5),
        layers.Dense(32, activation="silu"), layers.Dense(10),
    ])


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(0)
    rng = numpy.random.default_rng(0)
    model = network()
    # As they are made, biases are zero and statistics those of nothing.
    for weight in model.weights:
        if len(weight.shape) == 1:
            weight.assign(weight + numpy.exp(rng.normal(-2, 0.5, weight.shape)))
    x = rng.random((IMAGES, 28, 28, 3), numpy.float32)
    # A network is exported as it was called.
    model(x)
    model.export(str(folder / "keras.onnx"), format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(str(folder / "keras.onnx"), providers=["CPUExecutionProvider"])
    [logits] = session.run(None, {session.get_inputs()[0].name: x})
    label = numpy.argsort(logits, 1)[:, -2]
    image = tensorflow.Variable(x)
    with tensorflow.GradientTape(persistent=True) as tape:
        found = model(image, training=False)
        logit = tensorflow.reduce_sum(tensorflow.gather(found, label, axis=1, batch_dims=1))
        loss = tensorflow.reduce_sum(tensorflow.nn.sparse_softmax_cross_entropy_with_logits(label, found))
    slopes = {"gradient": tape.gradient(logit, image).numpy(), "loss_gradient": tape.gradient(loss, image).numpy()}
    numpy.savez(folder / "keras.npz", x=x, logits=logits, **{"class": label}, **slopes)
    print(f"keras.onnx: {abs(logits - found.numpy()).max() / abs(logits).max():.1e} between onnxruntime and TensorFlow")


main()
