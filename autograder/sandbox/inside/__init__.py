"""In the student's process: the walls, the shell, and the answers to the examiner.

student           does what the examiner asks for: runs cells, calls functions, one after the other
calls             a call by the examiner, and the arguments that it changes
values            the student's values, errors and outputs as plain data

shell             IPython without a kernel: runs a cell and keeps its outputs
recovery          runs the rest of a cell below a statement that failed
originals         puts functions of libraries back that a slip has replaced: np.random.seed = 42
remembered_names  what names stood for, to restore those that a slip has lost: np = 3
settings          settings of Keras and TensorFlow, to examine an answer with the usual ones

isolation         builds the walls: a file system of its own, limits, no privileges
visible           the files of this machine that can be seen within them
system_calls        the system calls that may be made, and what for
system_call_filter  forbids all others
linux             what the walls ask of Linux, and Python 3.11 lacks
own_folders       leads libraries to the process's own folders
preparation       makes a forked process ready for one student's code
"""
