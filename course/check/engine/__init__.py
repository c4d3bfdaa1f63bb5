"""What every check is built on: it calls an answer, compares what came back, and words the failure.

comparison    a check that compares with the right answer, and recognises named mistakes
diagnosis     chooses the hint for a wrong answer: that of the mistake that explains all it did
two_mistakes  that behind a wrong result, of two mistakes in one answer
unused_arguments  whether what is wrong can come of an argument that an answer never uses
attempt       calls an answer silently, with copies
result        what came back, and the demands that can be made of it
result_hints  hints on its form: nothing, another kind of thing, another shape
code_hints    hints that an answer's own code gives, whatever the exercise is
values        what a value means: plain arrays, tolerances, changed arguments
formatting    values, shapes and errors as a learner reads them
hints         hints and their ids
failures      what a check raises, and its text
raised_errors the message for an answer that stopped with an error
traced_frames the lines of a function that TensorFlow traced
set_up_names  what the first cell of each lesson makes
unknown_names hints for names that are not defined, or that a module or a method lacks
error_hints/  hints for errors by their texts, as NumPy, TensorFlow and Keras put them
compile_hints hints on the loss, the optimiser and the metrics of a model
wrong_helper  another exercise's answer that an answer calls, and that is wrong
guard         keeps the course's own functions from being handed in
properties    the statistics of random draws that several checks ask for
orders        properties of the orders in which examples come
turns         when each example had its turn, read from trained weights
chances       properties of draws that come out with a chance, as in dropout
shifted_copies    images read back as others that are moved
returned_models   what several checks ask of a Keras model that an answer returns
compiled      how a Keras model is compiled
dense_chain   a model that is a chain of dense layers, asked with weights made up for a question
keras_objects     Keras objects as arguments, described by plain data and made where an answer runs
keras_comparison  a check of answers that take or return Keras objects, by what they do
environment   what an examiner in another process replaces
"""
