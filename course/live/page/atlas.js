// The images of digits as one picture, from which each is drawn.

class Atlas {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
  }

  /** Hold these images in this ink; they are repainted only if one of the two has changed. */
  hold(images, ink) {
    if (this.images === images && this.ink === ink) return;
    Object.assign(this, { images, ink });
    const { values, shape } = images;
    const [count, height, width, depth = 1] = shape;
    this.across = Math.max(1, Math.floor(8192 / width));
    const wide = Math.min(this.across, count) * width; // kept: asking a canvas takes long
    const high = Math.ceil(count / this.across) * height;
    if (this.canvas.width !== wide) this.canvas.width = wide;
    if (this.canvas.height !== high) this.canvas.height = high;
    const picture = new ImageData(wide, high);
    const pixels = new Uint32Array(picture.data.buffer); // each one number: the last byte is alpha
    const [red, green, blue] = channels(ink);
    const colour = (blue << 16) | (green << 8) | red;
    let from = 0;
    for (let index = 0; index < count; index++) {
      const [left, top] = this.at(index);
      for (let row = 0; row < height; row++) {
        let to = (top + row) * wide + left;
        for (let column = 0; column < width; column++, from += depth) {
          pixels[to++] =
            depth === 3
              ? (255 << 24) | (values[from + 2] << 16) | (values[from + 1] << 8) | values[from]
              : (values[from] << 24) | colour;
        }
      }
    }
    this.context.putImageData(picture, 0, 0);
  }

  /** Where an image begins. */
  at(index) {
    const [, height, width] = this.images.shape;
    return [(index % this.across) * width, Math.floor(index / this.across) * height];
  }
}
