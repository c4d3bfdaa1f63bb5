"""The tests; what they start imports as little as the commands do."""

from course.imports import skip_web_address_grammar

skip_web_address_grammar()
