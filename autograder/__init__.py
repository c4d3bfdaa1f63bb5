"""The grader of the course: for instructors only, never in the students' kit."""

from course.imports import skip_web_address_grammar

skip_web_address_grammar()
