"""The still pictures of the lessons, a module per lesson."""
