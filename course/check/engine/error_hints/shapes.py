"""Hints for errors of shapes that do not fit together."""

from course.check.engine.hints import Hint, elementwise, hint
from course.messages import _


def _as_many_axes(*counts):
    """A pattern for two shapes that do not fit, though both have this many axes."""
    two = (rf"\(\d+(,\d+){{{n - 1}}}\) \(\d+(,\d+){{{n - 1}}}\)" for n in counts)
    as_tensors = (rf"\[\d+(,\d+){{{n - 1}}}\] vs\. \[\d+(,\d+){{{n - 1}}}\]" for n in counts)
    return rf"together with shapes ({'|'.join(two)})|Incompatible shapes: ({'|'.join(as_tensors)})"


HINTS: dict[str, Hint] = {
    r"non-broadcastable output operand": hint(
        "in-place-shape",
        _(
            "`+=` and the like write into the array on their left, whose shape stays as it "
            "is: write b = b + …, or give the result a name of its own."
        ),
    ),
    r"(cannot reshape array of size|Input to reshape is a tensor with)(.*\n)*.*"
    r"reshape\(.*(-1|len\(\w+\)|shape\[0\]), *(784|28, *28)\b.*$": hint(
        "size-of-digits",
        _(
            "784, or 28 and 28, is the size of the digits, and these images have another: a model "
            "takes them as they are, and anywhere else the sizes come from x.shape."
        ),
    ),
    r"cannot reshape array of size|Input to reshape is a tensor with": hint(
        "other-count",
        _(
            "a new shape must hold just as many numbers: take its sizes from the array, "
            "len(x) or x.shape; -1 stands for the one that follows from the others."
        ),
    ),
    r"depth must be evenly divisible by number of groups": hint(
        "channels-of-filters",
        _(
            "the image has another number of channels than the filters take. Was it padded? "
            "np.pad(image, 1) puts zeros around the channels, too: their pair is (0, 0)."
        ),
    ),
    # The same length for the rows and the columns of a window.
    r"(shape-mismatch for sum|broadcast together|Incompatible shapes)(.*\n)*.*"
    r"\+ *([a-z]\w*) *,[^],]*\+ *\3 *\]": hint(
        "square-window",
        _(
            "print the shapes of both. A window has kh rows and kw columns, as the filter has, "
            "and here the same length is used for both. And at the edge of an array it is cut "
            "short: pad the image first."
        ),
    ),
    r"non-rectangular Python sequence(.*\n)*.*from_tensor_slices\(": hint(
        "pair-of-arrays",
        _(
            "arrays of different shapes go in as a pair, in round brackets: "
            "from_tensor_slices((images, labels)); a list would become one array."
        ),
    ),
    r"Shape must be rank 3 but is rank 4 for .*Pad": hint(
        "whole-batch",
        _(
            "what is padded has one axis more than there are pairs of numbers. After `batch`, "
            "`map` gets whole batches: put `map` before it. And it is from_tensor_slices that "
            "gives the examples one by one, not from_tensors."
        ),
    ),
    r"must be rank 2 but is rank \d for .*\{node \w*Pad\b|"
    r"paddings must be (a matrix|the rank)": hint(
        "pair-for-each-axis",
        _(
            "tf.pad takes a pair for each axis, how many zeros before and how many after: "
            "[[2, 2], [2, 2], [0, 0]] for an image with channels."
        ),
    ),
    r" for .*\{node \w*Slice\b|Expected begin and size arguments": hint(
        "slice-of-all-axes",
        _(
            "tf.slice takes a number for each axis, three for an image: where to begin, and how "
            "many. Square brackets do the same: x[top : top + 28, left : left + 28]."
        ),
    ),
    r"inhomogeneous shape": hint(
        "other-shapes",
        _(
            "all that goes into one array must have the same shape. Several results are "
            "returned side by side: return a, b."
        ),
    ),
    r"setting an array element with a sequence": hint(
        "one-number-each",
        _("each place of an array takes one number: print what you write there."),
    ),
    r"must match exactly(.*\n)*.*\bwhere\([^,()]*\)(?!\[)": hint(
        "tuple-of-where",
        _("np.where gives a tuple with one array for each axis: np.where(…)[0] is the first."),
    ),
    r"can't contain negative values|Paddings must be non-negative": hint(
        "negative-padding",
        _("where the number of zeros comes out below 0, none are needed: max(number, 0)."),
    ),
    r"shape-mismatch for sum": hint(
        "window-shape",
        _(
            "print both shapes. Has the window kh rows and kw columns, where filters.shape is "
            "(kh, kw, in, out)? With too few zeros it is cut short at the edge. And tensordot sums "
            "over two axes unless you say how many: the last of the first array, and the first of "
            "the second."
        ),
    ),
    r"In\[0\] and In\[1\] has different ndims": hint(
        "matrix-and-vector",
        _(
            "TensorFlow multiplies a matrix by a matrix, and one of these two has another "
            "number of axes: print both shapes."
        ),
    ),
    # Shapes that a matrix product would take, in a line that does no more than multiply.
    r"(together with shapes \(\d+,(\d+)\) \(\2,\d+\)|"
    r"Incompatible shapes: \[\d+,(\d+)\] vs\. \[\3,\d+\])(.*\n)*"
    r"(?!.*([-@]|rate|decay|momentum|beta|\d \*)).*\w \* [A-Za-z].*$": elementwise(),
    # The same, where one factor is transposed: only a matrix product can be meant.
    r"(together with shapes \(\d+,(\d+)\) \(\2,\d+\)|"
    r"Incompatible shapes: \[\d+,(\d+)\] vs\. \[\3,\d+\])(.*\n)*"
    r".*(\w \* [A-Za-z]\w*\.T\b|\w\.T \* [A-Za-z]).*$": elementwise(),
    _as_many_axes(3, 4): hint(
        "smaller-patch",
        _(
            "print the shapes of both sides. What is cut out at the edge of an image may be "
            "smaller than the rest: in a convolution, pad the image first."
        ),
    ),
    _as_many_axes(2): hint(
        "other-sizes",
        _(
            "print the shapes of both sides: in each axis they must be equally long, or one of "
            "them 1. `.T` exchanges rows and columns."
        ),
    ),
    r"^shape mismatch: indexing arrays": hint(
        "indices-in-pairs",
        _(
            "indices in brackets go in pairs, a row and a column: both arrays must be equally "
            "long, np.arange(n) with n = len(labels)."
        ),
    ),
    r"(could not be broadcast together|Incompatible shapes|must be broadcastable)(.*\n)*.*"
    r"(\blabels *\*(?!\*)|[^*]\* *labels\b)": hint(
        "labels-as-one-hot",
        _(
            "labels are the numbers of the classes here, not one-hot rows: they say which column "
            "of each row counts."
        ),
    ),
    r"operands could not be broadcast together|Incompatible shapes|must be broadcastable": hint(
        "broadcasting",
        _(
            "print the shapes of both sides. axis=1 gives one result for each row, axis=0 one "
            "for each column; the axis is lost unless you say keepdims=True."
        ),
    ),
    r"(mismatch in its core dimension|Matrix size-incompatible|shapes .* not aligned)"
    r"(.*\n)*.*\bdense_backward\(": hint(
        "order-of-helper",
        _(
            "dense_backward takes the inputs of a layer, its weights and the gradient with respect "
            "to its sums, and gives dX, dW, db, in this order. Print the shapes of what goes in: "
            "is each of them what its name says?"
        ),
    ),
    r"Matrix size-incompatible(.*\n)*.*\btranspose_[ab]\b": hint(
        "transpose-of-matmul",
        _(
            "print the shapes of both factors. tf.matmul transposes the first one with "
            "transpose_a=True, the second one with transpose_b=True."
        ),
    ),
    r"(mismatch in its core dimension|Matrix size-incompatible|shapes .* not aligned)"
    r"(.*\n)*.*(\w\.T\b|\btranspose\().*$": hint(
        "is-transposed",
        _(
            "print the shapes of both factors: the second must have as many rows as the first has "
            "columns. Which of the two has to be transposed, if any?"
        ),
    ),
    r"^all the input array(s must have same| dimensions)": hint(
        "parts-of-other-shapes",
        _(
            "print the shapes of the parts: they must differ only along the axis on which they are "
            "joined. np.where gives a tuple: its [0] is the array of indices."
        ),
    ),
    r"mismatch in its core dimension|Matrix size-incompatible|shapes .* not aligned": hint(
        "matrix-shapes",
        _(
            "print the shapes of both factors: the second must have as many rows as the first "
            "has columns. `.T` exchanges rows and columns."
        ),
    ),
}
