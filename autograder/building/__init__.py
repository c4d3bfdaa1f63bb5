"""Make what is handed out: releases from the sources, and the kit."""
