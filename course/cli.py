"""The `course` command."""

import click


@click.group()
@click.version_option(package_name="deep-learning-live")
def main():
    """Deep Learning, Live: the learner's command."""
