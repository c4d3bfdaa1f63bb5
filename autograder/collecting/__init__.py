"""From a platform's archive, or nbgrader's exchange, to submitted/STUDENT/LESSON/."""
