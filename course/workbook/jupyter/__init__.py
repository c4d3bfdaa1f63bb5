"""What JupyterLab reads when `course lab` starts it."""
