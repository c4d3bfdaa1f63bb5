// The images of digits, from their pixels.

/** All images in one picture, in the ink of the page; made anew when that changes. */
function freshAtlas(owner, colours) {
  if (owner.atlas?.ink === colours.ink) return owner.atlas;
  const { values, shape } = owner.images;
  const [count, height, width, depth = 1] = shape;
  const across = Math.max(1, Math.floor(8192 / width));
  const rows = Math.ceil(count / across);
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(across, count) * width;
  canvas.height = rows * height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(canvas.width, canvas.height);
  const [red, green, blue] = channels(colours.ink);
  const ink = (blue << 16) | (green << 8) | red;
  const pixels = new Uint32Array(picture.data.buffer); // each one number: the last byte is alpha
  for (let index = 0; index < count; index++) {
    const [left, top] = [(index % across) * width, Math.floor(index / across) * height];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const from = ((index * height + row) * width + column) * depth;
        const to = (top + row) * canvas.width + left + column;
        pixels[to] =
          depth === 3
            ? (255 << 24) | (values[from + 2] << 16) | (values[from + 1] << 8) | values[from]
            : (values[from] << 24) | ink;
      }
    }
  }
  context.putImageData(picture, 0, 0);
  const at = (index) => [(index % across) * width, Math.floor(index / across) * height];
  return { canvas, at, width, height, ink: colours.ink };
}
