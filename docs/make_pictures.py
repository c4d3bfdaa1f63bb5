"""Draw the pictures of the README anew: `make pictures`."""

from pathlib import Path

from autograder.demo import draw_test_digits

IMAGES = Path(__file__).parent / "images"

if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    draw_test_digits(IMAGES / "test_digits.png")
