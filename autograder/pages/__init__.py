"""The results as people read them: pages, tables, files."""
