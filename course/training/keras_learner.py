"""Train a Keras model: many steps inside one TensorFlow graph, traced once for all settings."""

from typing import Any

import numpy as np

from course.backend import tf
from course.messages import _
from course.training import fused, keras_model
from course.training.examples import CLASSES, SIDE, Split
from course.training.learner import EvaluationReport, GoesOn, StepReport, always

# Enough to fill the cores, few enough to stay in their caches. Filters take so much longer that a
# changed setting would wait for too many.
_EVALUATED_AT_ONCE, _FILTERED_AT_ONCE = 500, 250
_TRIED_ON = 4  # digits
_EAGER_EVALUATIONS = 10  # before their graph is traced, which takes as long as some fifty
_INTEGERS = tf.TensorSpec([None], tf.int32)


class KerasLearner:
    """A Keras model, its loss and its own copy of an optimiser, over one set of training digits."""

    def __init__(self, network: Any, train: Split, optimizer: Any, loss: Any, seed: list[int]):
        self.network = network
        self.traces = 0
        self._is_cold = True
        self._parts: dict[int, tuple[Split, list[tuple[Any, Any]]]] = {}  # by the id of the images
        self._images = tf.constant(train.images)
        self._labels = tf.constant(train.labels)
        self._digit_shape = keras_model.digit_shape(network)
        outputs = self._try_out(train)
        keras_model.check_weights(network)
        self._loss, self._takes_one_hot = keras_model.loss_of(network, loss, outputs)
        self.loss_is_cross_entropy = keras_model.is_cross_entropy(network, loss)
        if optimizer is None and getattr(network, "compiled", False):
            optimizer = network.optimizer
        self._optimizer, self.schedule = keras_model.copy_optimizer(optimizer or "sgd")
        self._optimizer.build(network.trainable_variables)
        self._watched = [
            weight for weight in network.weights if np.issubdtype(weight.dtype, np.floating)
        ]
        self._seed_dropout(seed)
        self._start = [variable.numpy() for variable in self._variables()]
        self._hidden_activations = keras_model.hidden_activations(network)
        self._train = self._training_graph()
        self._evaluate = self._evaluate_eagerly
        self._evaluations = 0
        self._largest = self._activation_graph()

    @property
    def own_rate(self) -> float:
        """The learning rate that the optimiser came with."""
        return float(np.asarray(self._optimizer.learning_rate))

    def warm_up(self, split: Split) -> None:
        """Trace the graphs that are worth it, so that the next step is as quick as the others."""
        if self._is_cold:
            nothing = np.zeros(0, np.int32)
            self._train(nothing, np.zeros(1, np.int32), np.zeros(0, np.float32))
            self._is_cold = False
        if self._evaluations == _EAGER_EVALUATIONS:
            self._evaluations += 1
            self._evaluate = self._evaluation_graph()
            self._evaluate(tf.constant(split.images[:1]), tf.constant(split.labels[:1]))

    def train(self, indices: np.ndarray, offsets: np.ndarray, rates: np.ndarray) -> StepReport:
        """Do one step for each rate (n,), and stop after one that leaves something not finite."""
        before = int(self._optimizer.iterations)
        try:
            done, finite, losses, accuracies, predictions = self._train(indices, offsets, rates)
        except BaseException as error:  # an interrupt, say: the steps taken count all the same
            done = int(self._optimizer.iterations) - before
            unknown = np.full(done, np.nan)
            return StepReport(done, False, unknown, unknown, np.zeros(0, np.int64), error)
        done = int(done)
        return StepReport(
            done,
            not bool(finite),
            losses.numpy()[:done],
            accuracies.numpy()[:done],
            predictions.numpy(),
        )

    def evaluate(self, split: Split, goes_on: GoesOn = always) -> EvaluationReport | None:
        """Evaluate a split in parts; return None if `goes_on()` is false before one of them."""
        self._evaluations += self._evaluations < _EAGER_EVALUATIONS
        loss, parts = 0.0, []
        for images, labels in self._parts_of(split):
            if not goes_on():
                return None
            mean, predictions = self._evaluate(images, labels)
            loss += float(mean) * len(labels) / split.size
            parts.append(predictions.numpy())
        predictions = np.concatenate(parts)
        return EvaluationReport(loss, float(np.mean(predictions == split.labels)), predictions)

    def weights(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return what multiplies (kernels, filters) and what is added (biases, offsets)."""
        return keras_model.kernels_and_biases(self.network)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return the digits (n,) that the network takes these images (n, 28, 28) for."""
        unused = np.zeros(len(images), np.int64)
        return self._evaluate(tf.constant(images), tf.constant(unused))[1].numpy()

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return what the network gives for these images (n, 28, 28): probabilities or logits."""
        return self.network(self._prepare(tf.constant(images)), training=False).numpy()

    def activations(self, images: np.ndarray) -> list[np.ndarray]:
        """Return each hidden neuron's largest output over these images, one array per layer.

        Only for networks with batch normalisation, whose effect it shows; otherwise empty.
        """
        if self._hidden_activations is None:
            return []
        return [largest.numpy() for largest in self._largest(tf.constant(images))]

    @property
    def shows_activations(self) -> bool:
        """Whether `activations` returns anything."""
        return self._hidden_activations is not None

    def reset(self, seed: list[int], same_weights: bool) -> None:
        """Go back to the first weights or draw new ones, and forget the optimiser's memory."""
        for variable, value in zip(self._variables(), self._start, strict=True):
            variable.assign(value)
        if not same_weights:
            keras_model.redraw_weights(self.network, np.random.default_rng(seed))
        self._seed_dropout(seed)

    def _variables(self) -> list[Any]:
        return [*self.network.variables, *self._optimizer.variables]

    def _try_out(self, train: Split) -> np.ndarray:
        """Return the outputs for a few digits. Raise ValueError unless there are ten of each."""
        few = train.scaled(slice(_TRIED_ON))
        try:
            outputs = self.network(few.reshape(-1, *self._digit_shape), training=False)
        except Exception as error:
            message = _(
                "The network does not accept digits: given float32 images of the shape {shape}, it "
                "raised {error}: {details} Let it start with keras.Input((28, 28)) and a Flatten "
                "or Reshape layer."
            )
            details = str(error).strip().split("\n")[0]
            message = message.format(
                shape=(_TRIED_ON, *self._digit_shape), error=type(error).__name__, details=details
            )
            raise ValueError(message) from error
        shape = tuple(getattr(outputs, "shape", ()))
        if shape != (len(few), CLASSES):
            message = _(
                "The network gives outputs of the shape {got} for {count} digits; expected "
                "{expected}, ten numbers per digit. End it with Dense(10), and Flatten before the "
                "first Dense layer."
            )
            expected = (len(few), CLASSES)
            raise ValueError(message.format(got=shape, count=len(few), expected=expected))
        return np.asarray(outputs, np.float32)

    def _seed_dropout(self, seed: list[int]) -> None:
        """Make the network's own random draws (dropout, augmentation) depend on the seed alone."""
        rng = np.random.default_rng(seed)
        for variable in self.network.variables:
            if variable.name == "seed_generator_state":
                high = np.iinfo(np.int32).max
                variable.assign(rng.integers(high, size=variable.shape).astype(variable.dtype))

    def _parts_of(self, split: Split) -> list[tuple[Any, Any]]:
        # Kept, because copying 10,000 images costs more than evaluating them.
        key = id(split.images)
        if key not in self._parts:
            has_filters = any(len(weight.shape) > 2 for weight in self.network.weights)
            count = _FILTERED_AT_ONCE if has_filters else _EVALUATED_AT_ONCE
            slices = [slice(start, start + count) for start in range(0, split.size, count)]
            parts = [(tf.constant(split.images[i]), tf.constant(split.labels[i])) for i in slices]
            self._parts[key] = split, parts
        return self._parts[key][1]

    def _prepare(self, images: Any) -> Any:
        if images.dtype == tf.uint8:
            images = tf.cast(images, tf.float32) / 255
        return tf.reshape(images, (-1, *self._digit_shape))

    def _mean_loss(self, labels: Any, outputs: Any) -> Any:
        targets = tf.one_hot(labels, CLASSES) if self._takes_one_hot else labels
        return tf.cast(self._loss(targets, outputs), tf.float32)

    # The graphs: each is traced once, because no size or setting is in its signature. Their loops
    # are TensorFlow's own, as rewriting Python's loops takes longer than the trace.

    def _training_graph(self) -> Any:
        network, optimizer, rate = self.network, self._optimizer, self._optimizer.learning_rate
        trained, watched = network.trainable_variables, self._watched

        @_graph(_INTEGERS, _INTEGERS, tf.TensorSpec([None], tf.float32))
        def train(indices, offsets, rates):
            self.traces += 1  # runs while TensorFlow traces, not while it trains
            count = tf.size(rates)

            def step(done, finite, losses, accuracies, predictions):
                chosen = indices[offsets[done] : offsets[done + 1]]
                images = self._prepare(tf.gather(self._images, chosen))
                labels = tf.gather(self._labels, chosen)
                rate.assign(rates[done])
                with tf.GradientTape() as tape:
                    outputs = network(images, training=True)
                    loss = self._mean_loss(labels, outputs)
                    penalised = tf.add_n([loss, *network.losses])
                gradients = tape.gradient(penalised, trained)
                fused.apply(optimizer, gradients, trained)
                predictions = tf.argmax(outputs, axis=1)
                losses = losses.write(done, loss)
                recognised = tf.cast(predictions == labels, tf.float32)
                accuracies = accuracies.write(done, tf.reduce_mean(recognised))
                # One NaN anywhere makes the sum NaN: a sum is a cheap check of all weights.
                sums = [tf.cast(tf.reduce_sum(weight), tf.float32) for weight in watched]
                finite = tf.math.is_finite(tf.add_n([loss, *sums]))
                return done + 1, finite, losses, accuracies, predictions

            done, finite, losses, accuracies, predictions = tf.while_loop(
                lambda done, finite, *_: tf.logical_and(done < count, finite),
                step,
                (
                    *(tf.constant(0), tf.constant(True)),
                    *(tf.TensorArray(tf.float32, count), tf.TensorArray(tf.float32, count)),
                    tf.zeros([0], tf.int64),
                ),
                shape_invariants=(None, None, None, None, tf.TensorShape([None])),
            )
            return done, finite, losses.stack(), accuracies.stack(), predictions

        return train

    def _evaluation_graph(self) -> Any:
        @_graph(self._any_images(), tf.TensorSpec([None], tf.int64))
        def evaluate(images, labels):
            self.traces += 1
            return self._evaluate_eagerly(images, labels)

        return evaluate

    def _evaluate_eagerly(self, images: Any, labels: Any) -> tuple[Any, Any]:
        """Return the mean loss, and the predicted digits (n,)."""
        outputs = self.network(self._prepare(images), training=False)
        return self._mean_loss(labels, outputs), tf.argmax(outputs, axis=1)

    def _activation_graph(self) -> Any:
        @_graph(self._any_images())
        def largest(images):
            self.traces += 1
            outputs = self._hidden_activations(self._prepare(images), training=False)
            return [tf.reduce_max(y, axis=list(range(len(y.shape) - 1))) for y in outputs.values()]

        return largest

    def _any_images(self) -> Any:
        return tf.TensorSpec([None, SIDE, SIDE], self._images.dtype)


def _graph(*signature: Any) -> Any:
    return tf.function(input_signature=signature, autograph=False)
