// The marks of a scene: each kind is drawn by its function, in the colours of a palette.

/** The colours of a theme by name, blended with paper, and as scales. */
class Palette {
  constructor(colours) {
    this.colours = colours;
  }

  one(colour) {
    if (!Array.isArray(colour)) return this.colours[colour];
    return blend(this.colours[colour[0]], this.colours.paper, colour[1]);
  }

  /** The colour of part `i` of a mark: a list of colours has one for each part. */
  of(colour, i) {
    const isList = Array.isArray(colour) && typeof colour[1] !== "number";
    return this.one(isList ? colour[i] : colour);
  }

  /** A function from a share in 0..1 to red, green and blue. */
  scale(names) {
    const stops = names.map((name) => channels(this.colours[name]));
    return (share) => {
      const place = Math.max(0, Math.min(1, share)) * (stops.length - 1);
      const left = Math.min(Math.floor(place), stops.length - 2);
      const right = place - left;
      return stops[left].map((part, i) => part + right * (stops[left + 1][i] - part));
    };
  }
}

const DASHES = { "": [], dashed: [6, 4], dotted: [1.5, 3] };

const MARKS = {
  line({ c, x, y, palette }, { x: xs, y: ys, colour, width, dash, alpha, dots }) {
    c.globalAlpha = alpha;
    c.strokeStyle = c.fillStyle = palette.one(colour);
    c.lineWidth = width;
    c.setLineDash(DASHES[dash]);
    c.lineJoin = "round";
    c.beginPath();
    let open = false;
    xs.values.forEach((place, i) => {
      const [px, py] = [x(place), y(ys.values[i])];
      const there = Number.isFinite(px) && Number.isFinite(py);
      if (there && open) c.lineTo(px, py);
      else if (there) c.moveTo(px, py);
      open = there;
    });
    c.stroke();
    if (!dots) return;
    c.setLineDash([]);
    xs.values.forEach((place, i) => disc(c, x(place), y(ys.values[i]), dots / 2));
  },

  segments({ c, x, y, palette }, { ends, colour, width, alpha }) {
    c.globalAlpha = alpha;
    for (let i = 0; i < ends.shape[0]; i++) {
      const [x1, y1, x2, y2] = ends.values.slice(4 * i, 4 * i + 4);
      c.lineWidth = width.values?.[i] ?? width;
      if (!(c.lineWidth > 0) || width.values?.[i] === 0) continue;
      c.strokeStyle = palette.of(colour, i);
      c.beginPath();
      c.moveTo(x(x1), y(y1));
      c.lineTo(x(x2), y(y2));
      c.stroke();
    }
  },

  dots({ c, x, y, palette, scale }, { x: xs, y: ys, colour, size, shape, alpha, edge }) {
    c.globalAlpha = alpha;
    xs.values.forEach((place, i) => {
      c.fillStyle = c.strokeStyle = palette.of(colour, i);
      SHAPES[shape](c, x(place), y(ys.values[i]), (scale * size) / 2);
      if (edge === null || shape === "bar" || shape === "cross") return;
      c.strokeStyle = palette.of(edge, i);
      c.lineWidth = 1;
      c.stroke();
    });
  },

  bars({ c, x, y, palette }, { at, lengths, colour, width, base, across }) {
    at.values.forEach((place, i) => {
      const end = base + lengths.values[i];
      const [along, away] = across ? [y, x] : [x, y];
      const [near, far] = [along(place - width / 2), along(place + width / 2)].sort((a, b) => a - b);
      const [from, to] = [away(base), away(end)].sort((a, b) => a - b);
      c.fillStyle = palette.of(colour, i);
      if (across) c.fillRect(from, near, to - from, far - near);
      else c.fillRect(near, from, far - near, to - from);
    });
  },

  /** Words stay whole: near an edge of the canvas they give way. */
  text({ c, x, y, palette, font, within, scale }, mark) {
    const { x: px, y: py, text, colour, bold, align, base, over } = mark;
    const size = scale * mark.size;
    c.font = `${bold ? "bold " : ""}${font(size)}`;
    c.fillStyle = palette.one(colour);
    c.textAlign = align;
    c.textBaseline = base;
    const lines = text.split("\n");
    const wide = Math.max(...lines.map((words) => c.measureText(words).width));
    const high = 1.2 * size * lines.length;
    const before = { left: 0, center: wide / 2, right: wide }[align];
    const above = { top: 0, middle: high / 2, bottom: high }[base];
    const left = within(x(px) - before, wide, "width");
    const top = within(y(py) - above, high, "height");
    const first = { top: 0, middle: 0.5, bottom: 1 }[base];
    if (over) c.clearRect(left - 1, top, wide + 2, high);
    lines.forEach((words, i) => {
      const place = [left + before, top + 1.2 * size * (i + first)];
      c.fillText(words, ...place);
    });
  },

  image({ c, x, y, palette }, { values, extent, colours, low, high, missing }) {
    const [rows, columns] = values.shape;
    const picture = new ImageData(columns, rows);
    const scale = palette.scale(colours);
    const gap = missing === null ? [0, 0, 0, 0] : [...channels(palette.colours[missing]), 255];
    values.values.forEach((value, i) => {
      const shown = Number.isNaN(value) ? gap : [...scale((value - low) / (high - low)), 255];
      picture.data.set(shown, 4 * i);
    });
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [columns, rows];
    sheet.getContext("2d").putImageData(picture, 0, 0);
    const [left, top] = [x(extent[0]), y(extent[1])];
    const [right, bottom] = [x(extent[2]), y(extent[3])];
    c.save();
    c.translate(left, top);
    c.scale((right - left) / columns, (bottom - top) / rows);
    c.imageSmoothingEnabled = false;
    c.drawImage(sheet, 0, 0);
    c.restore();
  },

  rect({ c, x, y, palette }, { place: [px, py, across, up], edge, fill, width, dash }) {
    const [left, right] = [x(px), x(px + across)];
    const [top, bottom] = [y(py), y(py + up)];
    const box = [left, top, right - left, bottom - top];
    if (fill !== null) {
      c.fillStyle = palette.one(fill);
      c.fillRect(...box);
    }
    if (edge === null) return;
    c.strokeStyle = palette.one(edge);
    c.lineWidth = width;
    c.setLineDash(DASHES[dash]);
    c.strokeRect(...box);
  },

  areas({ c, x, y, palette }, { corners, colours, shades, seamless }) {
    const [count, each] = corners.shape;
    const scale = palette.scale(colours);
    c.lineWidth = 0.5;
    for (let i = 0; i < count; i++) {
      c.fillStyle = `rgb(${scale(shades.values[i]).map(Math.round).join(",")})`;
      c.strokeStyle = c.fillStyle;
      c.beginPath();
      for (let k = 0; k < each; k++) {
        const at = 2 * (i * each + k);
        c.lineTo(x(corners.values[at]), y(corners.values[at + 1]));
      }
      c.closePath();
      c.fill();
      if (seamless) c.stroke();
    }
  },
};

function disc(c, x, y, radius) {
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fill();
}

function polygon(c, points) {
  c.beginPath();
  for (const [x, y] of points) c.lineTo(x, y);
  c.closePath();
  c.fill();
}

const SHAPES = {
  circle: disc,
  square: (c, x, y, r) =>
    polygon(c, [[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]]),
  diamond: (c, x, y, r) => polygon(c, [[x - r, y], [x, y - r], [x + r, y], [x, y + r]]),
  star: (c, x, y, r) =>
    polygon(c, Array.from({ length: 10 }, (_none, i) => {
      const [reach, angle] = [i % 2 ? 0.4 * r : r, (i * Math.PI) / 5];
      return [x + reach * Math.sin(angle), y - reach * Math.cos(angle)];
    })),
  bar(c, x, y, r) {
    c.lineWidth = 3;
    c.beginPath();
    c.moveTo(x, y - r);
    c.lineTo(x, y + r);
    c.stroke();
  },
  cross(c, x, y, r) {
    c.lineWidth = 2.2;
    c.beginPath();
    c.moveTo(x - r, y - r);
    c.lineTo(x + r, y + r);
    c.moveTo(x + r, y - r);
    c.lineTo(x - r, y + r);
    c.stroke();
  },
};
