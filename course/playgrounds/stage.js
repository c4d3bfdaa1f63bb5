// The stage of a playground: the panels of a scene on canvases, drawn from the marks that the
// kernel sends. page.js stands ahead of it. Nothing here knows what is played with, a word or a
// colour: all that comes with the model, and the places that are pointed at go back as messages.

const PAUSE = 60; // milliseconds between two places of a pointer that is dragged
const REST = 400; // milliseconds without a move, after which the words are told to a screen reader

/** Put numbers in place of the bytes in which a scene carries them. */
function numbersOf(value) {
  if (Array.isArray(value)) return value.map(numbersOf);
  if (value === null || typeof value !== "object") return value;
  if (value.f4) {
    const { buffer, byteOffset, byteLength } = value.f4;
    const bytes = new Uint8Array(buffer ?? value.f4, byteOffset ?? 0, byteLength);
    return { values: new Float32Array(bytes.slice().buffer), shape: value.shape };
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, numbersOf(part)]));
}

// Colours -----------------------------------------------------------------------------------------

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

// Axes --------------------------------------------------------------------------------------------

/** An axis as a function from its numbers to pixels between two ends, and back. */
function scaleOf({ low, high, log }, from, to) {
  const [inner, outer] = log ? [Math.log10, (v) => 10 ** v] : [(v) => v, (v) => v];
  const [first, last] = [inner(low), inner(high)];
  const toPixel = (value) => from + ((inner(value) - first) / (last - first)) * (to - from);
  toPixel.back = (pixel) => outer(first + ((pixel - from) / (to - from)) * (last - first));
  return toPixel;
}

/** The ticks of an axis with room for about `count`, as pairs of a number and its label. */
function ticksOf({ low, high, log, ticks: given }, count) {
  if (given) return given.map((tick) => (Array.isArray(tick) ? tick : [tick, short(tick)]));
  const [from, to] = [Math.min(low, high), Math.max(low, high)];
  if (!log) return ticks(from, to, count).map((value) => [value, short(value)]);
  const [first, last] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
  const every = Math.max(1, Math.ceil((last - first) / count));
  // Three decades have three powers of ten at least.
  const steps = Math.log10(to / from) < 3 ? [1, 2, 5] : [1];
  const found = [];
  for (let power = first - 1; power <= last; power += every) {
    for (const step of steps) found.push(step * 10 ** power);
  }
  const isThere = (value) => value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9);
  const there = found.filter(isThere);
  const shown = there.length < 3 ? ticks(from, to, count).filter((value) => value > 0) : there;
  return shown.map((value) => [value, short(value)]);
}

// Marks: each is drawn by the function of its kind --------------------------------------------------

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

  dots({ c, x, y, palette }, { x: xs, y: ys, colour, size, shape, alpha, edge }) {
    c.globalAlpha = alpha;
    xs.values.forEach((place, i) => {
      c.fillStyle = c.strokeStyle = palette.of(colour, i);
      SHAPES[shape](c, x(place), y(ys.values[i]), size / 2);
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
  text({ c, x, y, palette, font, within }, mark) {
    const { x: px, y: py, text, colour, size, bold, align, base } = mark;
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
    lines.forEach((words, i) => c.fillText(words, left + before, top + 1.2 * size * (i + first)));
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

// A panel -----------------------------------------------------------------------------------------

class PanelView {
  constructor(stage, name) {
    Object.assign(this, { stage, name });
    this.section = element("section", "dll-stage-panel", { "data-panel": name });
    this.title = element("div", "dll-stage-title");
    this.canvas = element("canvas", "", { role: "img" });
    this.note = element("div", "dll-stage-note");
    this.section.append(this.title, this.canvas, this.note);
    this.surface = new Surface(this.canvas);
    this.sent = 0;
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => {
      const rested = performance.now() - this.sent > PAUSE;
      if (this.panel.step && event.buttons & 1 && rested) this.point(event);
    });
    this.canvas.addEventListener("pointerup", (event) => this.panel.step && this.point(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  press(event) {
    if (!this.panel.step || event.button !== 0) return;
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.point(event);
    event.preventDefault();
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    this.tell(this.x.back(event.clientX - box.left), this.y.back(event.clientY - box.top));
  }

  /** Tell the kernel a place, if it lies within the axes. */
  tell(x, y) {
    const { x: across, y: up } = this.panel;
    const inside = (value, { low, high }) =>
      value >= Math.min(low, high) && value <= Math.max(low, high);
    if (!inside(x, across) || !inside(y, up)) return;
    this.sent = performance.now();
    this.stage.model.send({ kind: "point", panel: this.name, x, y });
  }

  key(event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const { step, at, y } = this.panel;
    if (!step || !(event.key in by)) return;
    const [right, up] = by[event.key];
    const [across, along] = at ?? [this.panel.x.low, y.low];
    this.tell(across + right * step[0], along + up * step[1] * (y.low > y.high ? -1 : 1));
    event.preventDefault();
    event.stopPropagation();
  }

  take(panel, height) {
    this.panel = panel;
    const { section, canvas } = this;
    section.style.flexGrow = String(panel.weight);
    section.style.flexBasis = `${Math.max(200, 215 * panel.weight)}px`;
    section.classList.toggle("pointed", panel.step !== null);
    canvas.style.height = `${height}px`;
    if (panel.step) canvas.tabIndex = 0;
    else canvas.removeAttribute("tabindex");
    this.title.textContent = panel.title;
    this.title.hidden = !panel.title;
    this.note.textContent = panel.note;
    this.note.hidden = !panel.note;
    const told = [panel.title || this.stage.model.get("title"), panel.note];
    if (panel.step) told.push(this.stage.words.keys);
    canvas.ariaLabel = told.filter(Boolean).join(". ");
  }

  draw() {
    const { surface, panel, stage } = this;
    surface.measure();
    if (!surface.begin()) return;
    const { context: c, width, height } = surface;
    const palette = stage.palette;
    c.font = stage.font(11);
    const count = Math.max(2, height / 45);
    const up = ticksOf(panel.y, count);
    const widest = Math.max(0, ...up.map(([, label]) => c.measureText(label).width));
    const left = 4 + (widest ? widest + 6 : 0) + (panel.y.label ? 17 : 0);
    this.room = left; // for the labels at the left of the axes
    const across = ticksOf(panel.x, Math.max(2, (width - left) / 60));
    const bottom = 4 + (across.length ? 17 : 0) + (panel.x.label ? 16 : 0);
    const edge = across.length ? 10 : 4;
    let box = { left, top: 6, right: width - edge, bottom: height - bottom };
    if (panel.equal) box = fitted(box, panel);
    this.x = scaleOf(panel.x, box.left, box.right);
    this.y = scaleOf(panel.y, box.bottom, box.top);
    this.axes(c, box, across, up, palette);
    const within = (place, length, side) =>
      Math.max(1, Math.min(place, surface[side] - length - 1));
    const drawing = { c, x: this.x, y: this.y, palette, font: (size) => stage.font(size), within };
    for (const mark of panel.marks) {
      c.save();
      clip(c, box, mark.kind, edge);
      MARKS[mark.kind](drawing, mark);
      c.restore();
    }
  }

  axes(c, box, across, up, palette) {
    const { panel } = this;
    const { quiet, grid, ink } = palette.colours;
    c.fillStyle = quiet;
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const [value, label] of up) {
      const at = this.y(value);
      if (panel.grid) line(c, grid, box.left, crisp(at), box.right, crisp(at));
      c.fillText(label, box.left - 6, at);
    }
    c.textAlign = "center";
    c.textBaseline = "top";
    for (const [value, label] of across) {
      const at = this.x(value);
      if (panel.grid) line(c, grid, crisp(at), box.top, crisp(at), box.bottom);
      const edge = this.surface.width - 1 - c.measureText(label).width / 2;
      c.fillText(label, Math.min(at, edge), box.bottom + 5);
    }
    if (panel.frame) {
      line(c, quiet, crisp(box.left), box.top, crisp(box.left), crisp(box.bottom));
      line(c, quiet, box.left, crisp(box.bottom), box.right, crisp(box.bottom));
    }
    c.fillStyle = ink;
    const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    if (panel.x.label) c.fillText(panel.x.label, middle[0], box.bottom + (across.length ? 20 : 4));
    if (!panel.y.label) return;
    c.save();
    c.translate(box.left - this.room + 2, middle[1]);
    c.rotate(-Math.PI / 2);
    c.fillText(panel.y.label, 0, 0);
    c.restore();
  }
}

/** Keep lines within the axes; other marks may reach over their edges a little, and words may be
 * anywhere on the canvas. */
function clip(c, { left, top, right, bottom }, kind, edge) {
  if (kind === "text") return;
  const [over, beside, below] = kind === "line" ? [2, 2, 2] : [6, edge, 3];
  c.beginPath();
  c.rect(left - below, top - over, right - left + below + beside, bottom - top + over + below);
  c.clip();
}

/** The largest part of a box, in its middle, in which a unit is as wide as high. */
function fitted({ left, top, right, bottom }, { x, y }) {
  const [across, up] = [Math.abs(x.high - x.low), Math.abs(y.high - y.low)];
  const unit = Math.min((right - left) / across, (bottom - top) / up);
  const [wide, high] = [(right - left - unit * across) / 2, (bottom - top - unit * up) / 2];
  return { left: left + wide, right: right - wide, top: top + high, bottom: bottom - high };
}

// The stage ---------------------------------------------------------------------------------------

/** One place on the page where a model is shown. */
class StageView {
  constructor(model, el) {
    Object.assign(this, { model, el });
    this.words = model.get("words");
    this.root = element("div", "dll-stage", {
      role: "group",
      "aria-label": model.get("title"),
      // JupyterLab would take the keys for its own.
      "data-lm-suppress-shortcuts": "true",
    });
    this.message = element("div", "dll-stage-message", { role: "status" });
    this.grid = element("div", "dll-stage-panels");
    this.verdict = element("div", "dll-stage-verdict");
    this.told = element("p", "dll-unseen", { role: "status", "aria-live": "polite" });
    this.root.append(this.message, this.grid, this.verdict, this.told);
    el.append(this.root);
    this.panels = new Map();
    this.leaving = new AbortController();
    this.root.append(element("style", "", { textContent: model.get("hiding") }));
    tendControls(this.root, this.leaving.signal);
    this.listen();
    this.paintTheme();
    this.take();
    this.say();
  }

  font(size) {
    return `${size}px ${this.family}`;
  }

  listen() {
    const { signal } = this.leaving;
    const atTheEnd = (act) => signal.addEventListener("abort", act);
    const on = (name, act) => {
      this.model.on(name, act);
      atTheEnd(() => this.model.off(name, act));
    };
    on("change:scene", () => this.take());
    on("change:message", () => this.say());
    on("change:alt", () => this.tell());
    on("comm_live_update", () => this.disconnect());
    watchTheme(() => this.paintTheme(), signal);
    // The first size tells that the picture is in the page, and so in the page's theme.
    const sizes = new ResizeObserver(() => this.paintTheme());
    sizes.observe(this.grid);
    watchPixelRatio(() => this.request(), signal);
    atTheEnd(() => {
      sizes.disconnect();
      cancelAnimationFrame(this.waiting);
      clearTimeout(this.resting);
    });
  }

  take() {
    const scene = numbersOf(this.model.get("scene"));
    this.scene = scene;
    const names = (scene.panels ?? []).map((panel) => panel.name);
    for (const [name, view] of this.panels) {
      if (!names.includes(name)) {
        view.section.remove();
        this.panels.delete(name);
      }
    }
    for (const panel of scene.panels ?? []) {
      if (!this.panels.has(panel.name)) {
        const view = new PanelView(this, panel.name);
        this.panels.set(panel.name, view);
        this.grid.append(view.section);
      }
      this.panels.get(panel.name).take(panel, scene.height);
    }
    this.verdict.textContent = scene.verdict ?? "";
    this.verdict.hidden = !scene.verdict;
    this.request();
    this.tell();
  }

  say() {
    const message = this.isDisconnected ? this.words.disconnected : this.model.get("message");
    this.message.textContent = message;
    this.message.hidden = !message;
    const isAway = Boolean(this.model.get("message"));
    this.grid.classList.toggle("away", isAway);
    this.verdict.classList.toggle("away", isAway);
  }

  /** Tell screen readers what is to be seen, once it rests. */
  tell() {
    clearTimeout(this.resting);
    this.root.dataset.alt = this.model.get("alt");
    this.resting = setTimeout(() => (this.told.textContent = this.model.get("alt")), REST);
  }

  /** The kernel is gone: what was drawn stays, and it is said how to go on. */
  disconnect() {
    this.isDisconnected = true;
    this.root.classList.add("disconnected");
    this.say();
  }

  paintTheme() {
    this.palette = new Palette(takeTheme(this.root, this.el, this.model.get("colours")));
    this.family = getComputedStyle(this.root).fontFamily;
    this.request();
  }

  request() {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.waiting = null;
    for (const view of this.panels.values()) view.draw();
    if (this.scene.verdict) this.verdict.style.color = this.palette.one(this.scene.colour);
    this.root.dataset.frames = String(Number(this.root.dataset.frames ?? 0) + 1);
  }
}

export default {
  render({ model, el }) {
    const view = new StageView(model, el);
    return () => view.leaving.abort();
  },
};
