// A panel of a scene: its axes, its marks, and the place that the reader points at.

// Of the size of dots and letters, where a panel is narrow, and where it is as narrow as a phone.
const [SMALLEST, TINIEST, PHONE] = [0.8, 0.7, 260];
const PAUSE = 60; // milliseconds between two places of a pointer that is dragged
const LINE = 12; // pixels from one line of labels to the next
const APART = 2; // pixels between two labels in one line

/** Milliseconds on a clock that all pages share, and that never goes back. */
const now = () => performance.timeOrigin + performance.now();

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

/** The labels below an axis, half their widths, and on which line each stands: on the second one
 * where it would touch the one before. */
function inLines(c, ticks, x, edge) {
  const ends = [-Infinity, -Infinity];
  return ticks.map(([value, label]) => {
    const half = c.measureText(label).width / 2;
    const at = Math.min(x(value), edge - half);
    const line = at - half < ends[0] + APART ? 1 : 0;
    ends[line] = at + half;
    return { value, label, half, line };
  });
}

class PanelView {
  constructor(stage, name) {
    Object.assign(this, { stage, name });
    this.section = element("section", "dll-stage-panel", { "data-panel": name });
    this.title = element("div", "dll-stage-title");
    this.canvas = element("canvas");
    this.note = element("div", "dll-stage-note");
    this.section.append(this.title, this.canvas, this.note);
    this.surface = new Surface(this.canvas);
    this.sent = 0; // when the last place was told to the kernel
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => {
      const rested = now() - this.sent > PAUSE;
      if (this.panel.step && event.buttons & 1 && rested) this.point(event);
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (this.panel.step && event.button === 0) this.point(event);
    });
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
    this.told = [x, y];
    this.sent = now();
    this.stage.model.send({ kind: "point", panel: this.name, x, y, sent: this.sent });
  }

  /** The place from which the arrow keys go on: the last one that was told to the kernel, until it
   * has answered with the place that came of it. */
  get place() {
    const isAnswered = this.stage.model.get("heard") >= this.sent;
    return isAnswered ? (this.panel.at ?? [this.panel.x.low, this.panel.y.low]) : this.told;
  }

  key(event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const { step, y } = this.panel;
    if (!step || !(event.key in by) || isForNotebook(event)) return;
    const [right, up] = by[event.key];
    const [across, along] = this.place;
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
    canvas.style.setProperty("--height", `${height}px`);
    const { x, y } = panel;
    const shape = Math.abs((x.high - x.low) / (y.high - y.low));
    canvas.style.setProperty("--shape", panel.equal ? String(shape) : "auto");
    canvas.classList.toggle("equal", panel.equal);
    // As an image, screen readers would keep the arrow keys; no role is a place in two directions.
    canvas.role = panel.step ? "application" : "img";
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
    const smallest = width < PHONE ? TINIEST : SMALLEST;
    const scale = Math.max(smallest, Math.min(1, width / panel.full_width));
    c.font = stage.font(Math.max(9, 11 * scale));
    const count = Math.max(2, height / 45);
    const up = ticksOf(panel.y, count);
    const widest = Math.max(0, ...up.map(([, label]) => c.measureText(label).width));
    const left = 4 + (widest ? widest + 6 : 0) + (panel.y.label ? 17 : 0);
    this.room = left; // for the labels at the left of the axes
    const across = ticksOf(panel.x, Math.max(2, (width - left) / 60));
    const edge = across.length ? 10 : 4;
    const right = width - edge;
    const below = inLines(c, across, scaleOf(panel.x, left, right), width - 1);
    const lines = Math.max(0, ...below.map(({ line }) => line + 1));
    this.under = lines && 5 + LINE * lines; // the axis, for its labels
    const bottom = 4 + this.under + (panel.x.label ? 16 : 0);
    let box = { left, top: 6, right, bottom: height - bottom };
    if (panel.equal) box = fitted(box, panel);
    this.x = scaleOf(panel.x, box.left, box.right);
    this.y = scaleOf(panel.y, box.bottom, box.top);
    this.axes(c, box, below, up, palette);
    const within = (place, length, side) =>
      Math.max(1, Math.min(place, surface[side] - length - 1));
    const font = (size) => stage.font(size);
    const drawing = { c, x: this.x, y: this.y, palette, font, within, scale };
    for (const mark of panel.marks) {
      c.save();
      clip(c, box, mark.kind, edge);
      MARKS[mark.kind](drawing, mark);
      c.restore();
    }
  }

  axes(c, box, below, up, palette) {
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
    for (const { value, label, half, line: down } of below) {
      const at = this.x(value);
      if (panel.grid) line(c, grid, crisp(at), box.top, crisp(at), box.bottom);
      c.fillText(label, Math.min(at, this.surface.width - 1 - half), box.bottom + 5 + LINE * down);
    }
    if (panel.frame) {
      line(c, quiet, crisp(box.left), box.top, crisp(box.left), crisp(box.bottom));
      line(c, quiet, box.left, crisp(box.bottom), box.right, crisp(box.bottom));
    }
    c.fillStyle = ink;
    const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    if (panel.x.label) c.fillText(panel.x.label, middle[0], box.bottom + (this.under + 3 || 4));
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
