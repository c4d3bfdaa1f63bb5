"""The messages between the processes, and how they are sent."""
