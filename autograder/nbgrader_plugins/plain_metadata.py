"""Let `nbgrader generate_assignment` write a release as `autograder build` does."""

from nbformat import from_dict
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.building.release import KERNELSPEC, LANGUAGE_INFO


class PlainMetadata(NbGraderPreprocessor):
    """Keep of a notebook's metadata what any kernel for Python understands."""

    def preprocess(self, nb, resources):
        """Keep the kernel and the language, and nothing else."""
        nb.metadata = from_dict({"kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO})
        return nb, resources
