"""Let `nbgrader release_feedback` pass over who did not submit through its exchange."""

from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback


class ReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's own stops in the middle of a class at the first such page."""

    def copy_files(self):
        """Release the pages of those of whom the exchange has left its secret."""
        pages = Path(self.coursedir.root).glob(
            f"{self.coursedir.feedback_directory}/*/{self.coursedir.assignment_id}"
        )
        others = [
            folder.parent.name
            for folder in pages
            if not (folder / "submission_secret.txt").is_file()
        ]
        if others:
            self.log.info("Not submitted through the exchange: %s", ", ".join(sorted(others)))
        given = self.coursedir.student_id_exclude
        self.coursedir.student_id_exclude = ",".join(filter(None, [given, *others]))
        super().copy_files()
