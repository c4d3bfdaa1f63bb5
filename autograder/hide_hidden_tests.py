"""Keep hidden tests out of the pages that students get: nbgrader would show them."""

from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor


class HideHiddenTests(NbGraderPreprocessor):
    """Remove hidden tests from cells, and from the tracebacks that quote them."""

    def preprocess_cell(self, cell, resources, cell_index):
        clear = ClearHiddenTests(parent=self)
        if clear.begin_test_delimeter not in cell.source:
            return cell, resources
        try:
            clear._remove_hidden_test_region(cell)
        except RuntimeError:  # no end, or one region in another: then all from the first begin on
            cell.source = cell.source.split(clear.begin_test_delimeter)[0].rstrip("# \n")
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources
