"""In the student's process: the walls, the shell, and the answers to the examiner.

student           does what the examiner asks for, one thing after the other
conversation      messages from and to the examiner, and calls of its functions
objects           objects that stay here, which the examiner knows by their numbers
calls             a call by the examiner, and the arguments that it changes
values            the student's values, errors and outputs as plain data
limited_runs      runs within a time limit, in silence, and says what came of it
timer             interrupts what takes too long

cells             runs cells, each within its time
shell             IPython without a kernel: runs a cell and keeps its outputs
recovery          runs the rest of a cell below a statement that failed
originals         puts back what a cell has changed in Python and libraries: np.random.seed = 42
replacements      sets functions aside that are in place of NumPy's or Python's: np.array = f
eager_execution   switches TensorFlow's eager execution on again

answers           looks answers up, calls them, and pulls the values of iterators
keras_models      makes Keras objects, asks for their attributes, calls their methods
files             reads the files to which an answer's paths lead
names             says which names there are, and restores lost ones for a while
remembered_names  what names stood for, to restore those that a slip has lost: np = 3
lent_functions    the course's own functions, for a while, in place of missing answers
settings          settings of Keras and TensorFlow, to examine an answer with the usual ones

isolation         builds the walls: a file system of its own, limits, no privileges
visible           the files of this machine that can be seen within them
system_calls        the system calls that may be made, and what for
system_call_filter  forbids all others
linux             what the walls ask of Linux, and Python 3.11 lacks
own_folders       leads libraries to the process's own folders
preparation       makes a forked process ready for one student's code

What is put back, and when: `originals` after each cell and before each test; `names` (with what
`remembered_names` knows), `lent_functions` and `settings` once the answers have been examined.
"""
