"""The changes that no check can see, because the answer stays right; each with the reason."""

SURVIVORS: dict[str, dict[str, str]] = {}
