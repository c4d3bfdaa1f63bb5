"""Make what students get: the releases from the sources, and the kit."""
