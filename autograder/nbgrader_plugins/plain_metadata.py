"""Let `nbgrader generate_assignment` write a release as `autograder build` does."""

from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.building.release import plain_metadata


class PlainMetadata(NbGraderPreprocessor):
    """A step that keeps only the metadata that any kernel for Python understands."""

    def preprocess(self, nb, resources):
        """Keep the kernel and the languages, and nothing else."""
        nb.metadata = plain_metadata(nb.metadata)
        return nb, resources
