"""What grades the course: for instructors only, never in the students' kit."""
