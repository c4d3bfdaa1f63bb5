"""nbgrader's settings for students: /opt/deep-learning-live/etc/jupyter/nbgrader_config.py"""

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.course_id = "deep-learning-live"
c.Exchange.root = "/srv/exchange"
