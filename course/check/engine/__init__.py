"""What every check is built on: it calls an answer, compares what came back, and words the failure.

comparison    a check that compares with the right answer, and tells mistakes from one another
attempt       calls an answer, in silence and with copies
result        what came back, and the demands that can be made of it
values        what a value means: plain arrays, tolerances, changed arguments
wording       how values, shapes and whole failures are written
hints         hints and their ids
failures      what a check raises
crashes       what an answer that stopped with an error is told
helpers       other answers that an answer calls
guard         keeps the course's own functions from being handed in
properties    what several statistical checks ask of random draws
networks      what several checks ask of a Keras model
keras_objects     Keras objects as arguments, described by plain data and made where an answer runs
keras_comparison  a check of answers that take or return Keras objects, by what they do
environment   what an examiner in another process does differently
"""
