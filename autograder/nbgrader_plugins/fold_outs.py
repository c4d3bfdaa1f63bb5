"""Let `nbgrader generate_assignment` put space below fold-outs, as `autograder build` does."""

from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.building.release import add_space_below_fold_outs


class SpaceBelowFoldOuts(NbGraderPreprocessor):
    """Put an empty paragraph below each fold-out that another paragraph follows."""

    def preprocess(self, nb, resources):
        """Change the texts in place."""
        add_space_below_fold_outs(nb)
        return nb, resources
