"""Put students' pages into archives that Canvas and Moodle can import.

Both find the owner of a file by the name that they gave it when the submission was downloaded.
"""

import zipfile
from collections import defaultdict
from pathlib import Path

from autograder.collecting import origins
from autograder.course_folder import CourseFolder
from autograder.grading import gradebook, submissions
from autograder.grading.file_modes import keeps_private
from course.files import replacing


@keeps_private
def write_archives(course: CourseFolder, lesson: str) -> tuple[list[Path], list[str]]:
    """Write reports/feedback-PLATFORM-LESSON.zip; return the paths, and the students in neither."""
    page = f"{course.notebook(lesson).stem}.html"
    pages, others = defaultdict(dict), []
    for student in filter(submissions.can_name_a_folder, gradebook.students(course)):
        path = course.feedback(student, lesson) / page
        if not path.is_file():
            continue
        origin = origins.read(course, lesson, student)
        if origin is None:
            others.append(student)
        else:
            platform, prefix = origin
            pages[platform][prefix + page] = path
    written = []
    for platform, files in sorted(pages.items()):
        path = course.reports / f"feedback-{platform}-{lesson}.zip"
        with replacing(path) as new, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in sorted(files.items()):
                archive.write(file, name)
        written.append(path)
    return written, others
