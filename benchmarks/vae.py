"""A small conditional variational autoencoder (Kingma & Welling 2014; Sohn et al. 2015), to compare with.

It stores no picture either. Trained on all classes at once it is the usual way to draw; class by class it forgets.
"""

from typing import Any

import numpy as np
import tensorflow as tf

LATENT = 16


class ConditionalVAE:
    """One hidden layer on the way from picture and label to a Gaussian code, and one on the way back.

    ``bytes_`` are those of its weights in float32.
    """

    def __init__(self, size: int, classes: int, hidden: int, seed: int):
        tf.keras.utils.set_random_seed(seed)
        layers = tf.keras.layers
        self.size, self.classes = size, classes
        self.encoder = tf.keras.Sequential(
            [layers.Input((size + classes,)), layers.Dense(hidden, activation="relu"), layers.Dense(2 * LATENT)]
        )
        self.decoder = tf.keras.Sequential(
            [layers.Input((LATENT + classes,)), layers.Dense(hidden, activation="relu"), layers.Dense(size)]
        )
        self.optimiser = tf.keras.optimizers.Adam(1e-3)
        self.variables: list[Any] = [*self.encoder.trainable_variables, *self.decoder.trainable_variables]
        self.optimiser.build(self.variables)
        self.bytes_ = 4 * sum(int(np.prod(one.shape)) for one in self.variables)

    def learn(self, pictures: np.ndarray, classes: np.ndarray, epochs: int) -> "ConditionalVAE":
        """Take a step for each batch of pictures ``[N, D]`` of 0..1 with the numbers of their classes; return self."""
        targets = np.eye(self.classes, dtype=np.float32)[classes]
        rows = tf.data.Dataset.from_tensor_slices((pictures.astype(np.float32), targets))
        for _ in range(epochs):
            for batch in rows.shuffle(len(pictures), seed=0).batch(128):
                self._step(*batch)
        return self

    @tf.function(reduce_retracing=True)
    def _step(self, pictures: tf.Tensor, targets: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            mean, logs = tf.split(self.encoder(tf.concat([pictures, targets], 1)), 2, 1)
            code = mean + tf.exp(logs / 2) * tf.random.normal(tf.shape(mean))
            scores = self.decoder(tf.concat([code, targets], 1))
            apart = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(pictures, scores), 1)
            divergence = tf.reduce_sum(mean**2 + tf.exp(logs) - 1 - logs, 1) / 2
            loss = tf.reduce_mean(apart + divergence)
        self.optimiser.apply_gradients(zip(tape.gradient(loss, self.variables), self.variables, strict=True))

    def draw(self, classes: np.ndarray, seed: int) -> np.ndarray:
        """Return the mean picture ``[N, D]`` of 0..1 of a code drawn for each class."""
        code = np.random.default_rng(seed).standard_normal((len(classes), LATENT))
        given = np.hstack([code, np.eye(self.classes)[classes]]).astype(np.float32)
        return tf.sigmoid(self.decoder(given)).numpy()
