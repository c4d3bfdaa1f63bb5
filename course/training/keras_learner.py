"""Trains a Keras model: many steps inside one TensorFlow graph, compiled once for all settings."""

import contextlib

import numpy as np

from course.backend import keras, tf
from course.messages import _
from course.training import fused
from course.training.examples import CLASSES, SIDE, Split
from course.training.outcome import Outcome, are_probabilities

_EVALUATED_AT_ONCE = 500  # enough to fill the cores, few enough to stay in their caches
_TRACED_ON = 4


class KerasLearner:
    """A Keras model, its loss and its own copy of an optimiser, over one set of training digits."""

    def __init__(self, network, train: Split, optimizer, loss, seed):
        self.network = network
        self.traces = 0
        self._cold = True
        self._kept = {}
        self._images = tf.constant(train.images)
        self._labels = tf.constant(train.labels)
        self._input_shape = _input_shape(network)
        outputs = self._try_out(train)
        self._check_weights()
        self._loss, self._one_hot = _loss(network, loss, outputs)
        if optimizer is None and getattr(network, "compiled", False):
            optimizer = network.optimizer
        self._optimizer, self.schedule = _own_copy(optimizer or "sgd")
        self._optimizer.build(network.trainable_variables)
        self._watched = [
            weight for weight in network.weights if np.issubdtype(weight.dtype, np.floating)
        ]
        self._seed_dropout(seed)
        self._start = [variable.numpy() for variable in self._variables()]
        self._look_inside = _activations(network)
        self._make_graphs()

    @property
    def own_rate(self) -> float:
        """The learning rate that the optimiser came with."""
        return float(np.asarray(self._optimizer.learning_rate))

    def warm_up(self, split: Split):
        """Compile the graphs, so that the first step is as quick as the others."""
        if self._cold:
            nothing = np.zeros(0, np.int32)
            self._train(nothing, np.zeros(1, np.int32), np.zeros(0, np.float32))
            self._evaluate(tf.constant(split.images[:1]), tf.constant(split.labels[:1]))
            self._cold = False

    def train(self, indices, offsets, rates) -> Outcome:
        """Do one step for every rate; stop after the step that leaves something not finite."""
        before = int(self._optimizer.iterations)
        try:
            done, finite, losses, accuracies, predictions = self._train(indices, offsets, rates)
        except BaseException as error:  # an interrupt, say: the steps taken count all the same
            done = int(self._optimizer.iterations) - before
            unknown = np.full(done, np.nan)
            return Outcome(done, False, unknown, unknown, np.zeros(0, np.int64), error)
        done = int(done)
        return Outcome(
            done,
            not bool(finite),
            losses.numpy()[:done],
            accuracies.numpy()[:done],
            predictions.numpy(),
        )

    def evaluate(self, split: Split) -> tuple[float, float, np.ndarray]:
        """Return the mean loss, the accuracy and the predicted digits (n,) of a whole split."""
        images, labels = self._on_device(split)
        loss, predictions = self._evaluate(images, labels)
        predictions = predictions.numpy()
        return float(loss), float(np.mean(predictions == split.labels)), predictions

    def weights(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return what multiplies (kernels, filters) and what is added (biases, offsets)."""
        kernels, biases = [], []
        for variable in self.network.trainable_variables:
            if len(variable.shape) >= 2:
                kernels.append(variable.numpy())
            elif len(variable.shape) == 1 and variable.name != "gamma":
                biases.append(variable.numpy())
        return kernels, biases

    def predictions(self, images) -> np.ndarray:
        """Return the digits (n,) that these images are taken for."""
        unused = np.zeros(len(images), np.int64)
        return self._evaluate(tf.constant(images), tf.constant(unused))[1].numpy()

    def activations(self, images) -> list[np.ndarray]:
        """Return each hidden neuron's largest output over these images, one array per layer.

        Only for networks with batch normalisation, whose effect it shows; otherwise empty.
        """
        if self._look_inside is None:
            return []
        return [largest.numpy() for largest in self._largest(tf.constant(images))]

    @property
    def shows_activations(self) -> bool:
        """Whether `activations` has something to say."""
        return self._look_inside is not None

    def reset(self, seed, same_weights: bool):
        """Go back to the weights of the start, or draw new ones; forget the optimiser's memory."""
        for variable, value in zip(self._variables(), self._start, strict=True):
            variable.assign(value)
        if not same_weights:
            _draw_again(self.network, np.random.default_rng(seed))
        self._seed_dropout(seed)

    def _variables(self):
        return [*self.network.variables, *self._optimizer.variables]

    def _try_out(self, train):
        """Return the outputs for a few digits, having made sure that there are ten of each."""
        few = train.scaled(slice(_TRACED_ON))
        try:
            outputs = self.network(few.reshape(-1, *self._input_shape), training=False)
        except Exception as error:
            message = _(
                "The network does not take digits: given float32 images of the shape {shape}, it "
                "raised {error}: {details} Let it start with keras.Input((28, 28)) and a Flatten "
                "or Reshape layer."
            )
            details = str(error).strip().split("\n")[0]
            message = message.format(
                shape=(_TRACED_ON, *self._input_shape), error=type(error).__name__, details=details
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

    def _check_weights(self):
        for weight in self.network.weights:
            if np.issubdtype(weight.dtype, np.floating):
                wrong = np.size(weight) - np.count_nonzero(np.isfinite(weight.numpy()))
                if wrong:
                    message = _(
                        "The weights {name} hold {wrong} values that are NaN or infinite; expected "
                        "finite numbers. Build the network again before you train it."
                    )
                    raise ValueError(message.format(name=weight.path, wrong=wrong))

    def _seed_dropout(self, seed):
        """Make what the network itself draws (dropout, augmentation) follow from the seed."""
        rng = np.random.default_rng(seed)
        for variable in self.network.variables:
            if variable.name == "seed_generator_state":
                high = np.iinfo(np.int32).max
                variable.assign(rng.integers(high, size=variable.shape).astype(variable.dtype))

    def _on_device(self, split):
        # Kept, because copying 10,000 images for every look costs more than the look.
        key = id(split.images)
        if key not in self._kept:
            self._kept[key] = split, tf.constant(split.images), tf.constant(split.labels)
        return self._kept[key][1:]

    def _prepare(self, images):
        if images.dtype == tf.uint8:
            images = tf.cast(images, tf.float32) / 255
        return tf.reshape(images, (-1, *self._input_shape))

    def _mean_loss(self, labels, outputs):
        targets = tf.one_hot(labels, CLASSES) if self._one_hot else labels
        return tf.cast(self._loss(targets, outputs), tf.float32)

    def _make_graphs(self):
        """Define the graphs; each is traced once: no size or setting is in its signature.

        Their loops are TensorFlow's own: to have Python's rewritten takes longer than the trace.
        """
        network, optimizer, rate = self.network, self._optimizer, self._optimizer.learning_rate
        integers = tf.TensorSpec([None], tf.int32)
        any_images = tf.TensorSpec([None, SIDE, SIDE], self._images.dtype)
        trained, watched = network.trainable_variables, self._watched
        any_length = tf.TensorShape([None])

        def graph(*signature):
            return tf.function(input_signature=signature, autograph=False)

        @graph(integers, integers, tf.TensorSpec([None], tf.float32))
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
                # One NaN anywhere makes the sum NaN: all weights looked at for the price of a sum.
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
                shape_invariants=(None, None, None, None, any_length),
            )
            return done, finite, losses.stack(), accuracies.stack(), predictions

        @graph(any_images, tf.TensorSpec([None], tf.int64))
        def evaluate(images, labels):
            self.traces += 1
            count = tf.size(labels)

            def look(total, start, part, predictions):
                few = slice(start, start + _EVALUATED_AT_ONCE)
                outputs = network(self._prepare(images[few]), training=False)
                share = tf.cast(tf.shape(outputs)[0], tf.float32) / tf.cast(count, tf.float32)
                total += share * self._mean_loss(labels[few], outputs)
                predictions = predictions.write(part, tf.argmax(outputs, axis=1))
                return total, start + _EVALUATED_AT_ONCE, part + 1, predictions

            predictions = tf.TensorArray(
                tf.int64, 0, dynamic_size=True, infer_shape=False, element_shape=[None]
            )
            total, _, _, predictions = tf.while_loop(
                lambda total, start, *_: start < count,
                look,
                (tf.constant(0.0), tf.constant(0), tf.constant(0), predictions),
            )
            return total, predictions.concat()

        @graph(any_images)
        def largest(images):
            self.traces += 1
            outputs = self._look_inside(self._prepare(images), training=False)
            return [tf.reduce_max(y, axis=list(range(len(y.shape) - 1))) for y in outputs.values()]

        self._train, self._evaluate, self._largest = train, evaluate, largest


def _input_shape(network):
    """Return how one digit has to be shaped for this network: (28, 28), (784,) or (28, 28, 1)."""
    flat, plain, channel = (SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1)
    wanted = getattr(network, "input_shape", None) if network.built else None
    if isinstance(wanted, tuple) and wanted and not isinstance(wanted[0], tuple):
        wanted = wanted[1:]
        for shape in (flat, plain, channel):
            if len(wanted) == len(shape) and all(
                got in (None, expected) for got, expected in zip(wanted, shape, strict=True)
            ):
                return shape
        message = _(
            "The network takes inputs of the shape {got}; expected one of (28, 28), (784,) and "
            "(28, 28, 1), which is what a digit can be shaped to. Change its first layer."
        )
        raise ValueError(message.format(got=wanted))
    first = next(iter(getattr(network, "layers", [])), None)
    if not network.built and isinstance(network, keras.Sequential):
        if isinstance(first, keras.layers.Dense):
            return flat
        if isinstance(first, (keras.layers.Conv2D, keras.layers.MaxPooling2D)):
            return channel
    return plain


def _loss(network, loss, outputs):
    """Return the loss function and whether it wants one-hot labels.

    In this order: the one given; the one that the model was compiled with; cross-entropy, from
    probabilities if the outputs are such, else from logits.
    """
    if loss is None and getattr(network, "compiled", False):
        loss = network.loss
    if loss is None:
        logits = not are_probabilities(outputs)
        return keras.losses.SparseCategoricalCrossentropy(from_logits=logits), False
    if isinstance(loss, (str, dict)):
        loss = keras.losses.get(loss)
    name = getattr(loss, "name", None) or getattr(loss, "__name__", "")
    if isinstance(loss, keras.losses.Loss):
        return loss, not name.startswith("sparse")
    one_hot = not name.startswith("sparse")
    return (lambda labels, outputs: tf.reduce_mean(loss(labels, outputs))), one_hot


def _own_copy(optimizer):
    """Return (an unused optimiser like this one with a constant rate, its schedule or None)."""
    if isinstance(optimizer, str):
        with contextlib.suppress(ValueError):  # no such name
            return keras.optimizers.get(optimizer), None
    if isinstance(optimizer, type):
        optimizer = optimizer()
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        message = _(
            "The optimiser is {got}; expected a name such as 'sgd' or 'adam', or a Keras optimiser "
            "such as keras.optimizers.Adam()."
        )
        raise ValueError(message.format(got=repr(optimizer)))
    config = optimizer.get_config()
    schedule = None
    if isinstance(config.get("learning_rate"), dict):
        schedule = optimizer._learning_rate
        config["learning_rate"] = float(np.asarray(schedule(0)))
    return type(optimizer).from_config(config), schedule


def _activations(network):
    """Return a model of what the hidden activations put out, or None without batch norm."""
    flat = list(network._flatten_layers(include_self=False))
    if not any(isinstance(layer, keras.layers.BatchNormalization) for layer in flat):
        return None
    outputs = {}
    for layer in getattr(network, "layers", [])[:-1]:
        activation = getattr(layer, "activation", None)
        bends = isinstance(layer, _ACTIVATIONS) or (
            activation is not None and activation is not keras.activations.linear
        )
        if bends:
            outputs[layer.name] = layer.output
    try:
        return keras.Model(network.inputs, outputs) if outputs else None
    except (AttributeError, ValueError):  # a model whose inside cannot be reached from outside
        return None


_ACTIVATIONS = (
    keras.layers.Activation,
    keras.layers.ELU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ReLU,
)


def _draw_again(network, rng):
    """Draw new starting weights with every layer's own initialisers."""
    drawn = set()
    for layer in network._flatten_layers():
        for name, initializer in list(vars(layer).items()):
            variable = getattr(layer, name.removesuffix("_initializer"), None)
            if not name.endswith("_initializer") or not isinstance(variable, keras.Variable):
                continue
            if isinstance(initializer, keras.initializers.Initializer):
                config = initializer.get_config()
                if "seed" in config:
                    config["seed"] = int(rng.integers(2**31))
                    initializer = type(initializer).from_config(config)
                variable.assign(initializer(variable.shape, dtype=variable.dtype))
                drawn.add(id(variable))
    for variable in network.trainable_variables:
        if id(variable) not in drawn:
            # How an own layer drew its weights is not known. As they are alike and independent,
            # the same numbers in another order are as good a draw.
            variable.assign(rng.permuted(variable.numpy().ravel()).reshape(variable.shape))
