// What the four panels over time share: axes, grid, marks of changes, and a reading at a step.

class TimePanel {
  static role = "slider"; // over the steps: with it, screen readers leave the arrow keys to us

  constructor(view, name, parts) {
    Object.assign(this, { view, name, ...parts });
    this.surface = new Surface(parts.canvas);
    this.at = null; // the step that the reader points at
    const point = (event) => {
      if (!this.inner) return; // not drawn yet
      const box = this.canvas.getBoundingClientRect();
      const share = (event.clientX - box.left - this.left) / this.inner.width;
      this.look(share >= 0 && share <= 1 ? share * this.last : null);
    };
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
    this.canvas.addEventListener("pointerleave", () => this.look(null));
    this.canvas.addEventListener("blur", () => this.look(null));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  get store() {
    return this.view.store;
  }

  look(step) {
    this.at = step;
    this.view.request([this.name], true);
  }

  key(event) {
    if (isForNotebook(event)) return;
    const to = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    const table = this.table();
    if (!table.steps.length) return;
    if (event.key === "Home") this.look(table.steps[0]);
    else if (event.key === "End") this.look(table.steps.at(-1));
    else if (event.key === "Escape" && this.at !== null) this.look(null);
    else if (to) {
      const now = this.at ?? table.steps.at(-1);
      const place = nearest(table.steps, now) + to;
      this.look(table.steps[Math.max(0, Math.min(place, table.steps.length - 1))]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.view.draw();
    this.tellPlace();
  }

  draw() {
    const { store, surface } = this;
    if (!surface.begin()) return;
    const { context: c, width, height } = surface;
    const colours = this.view.colours;
    c.font = this.view.font(11);
    const high = height - 26 - 8;
    this.last = store.end();
    [this.low, this.high] = this.limits();
    const up = ticks(this.low, this.high, Math.max(2, high / 38)).map((v) => [v, this.tick(v)]);
    const widest = Math.max(0, ...up.map(([, label]) => c.measureText(label).width));
    this.left = Math.max(46, Math.ceil(widest) + 8); // 46 as in the title
    this.inner = { width: width - this.left - 12, height: high };
    const x = (this.x = (step) => this.left + (step / this.last) * this.inner.width);
    const y = (this.y = (value) =>
      8 + (1 - (value - this.low) / (this.high - this.low)) * this.inner.height);
    c.lineWidth = 1;
    c.textBaseline = "middle";
    c.textAlign = "right";
    for (const [value, label] of up) {
      line(c, colours.grid, this.left, crisp(y(value)), width - 12, crisp(y(value)));
      c.fillStyle = colours.quiet;
      c.fillText(label, this.left - 6, y(value));
    }
    c.textAlign = "center";
    c.textBaseline = "top";
    for (const step of ticks(0, this.last, Math.max(2, this.inner.width / 75), true)) {
      line(c, colours.grid, crisp(x(step)), 8, crisp(x(step)), 8 + this.inner.height);
      c.fillStyle = colours.quiet;
      const text = grouped(step);
      const edge = width - 1 - c.measureText(text).width / 2;
      c.fillText(text, Math.min(x(step), edge), height - 19);
    }
    c.save();
    c.beginPath();
    c.rect(this.left, 4, this.inner.width + 4, this.inner.height + 6);
    c.clip();
    this.paint(c, x, y, colours);
    c.restore();
    this.marks(c, x, colours);
    line(c, colours.quiet, crisp(this.left), 8, crisp(this.left), 8 + this.inner.height);
    const base = crisp(8 + this.inner.height);
    line(c, colours.quiet, this.left, base, width - 12, base);
    if (this.at !== null && this.table().steps.length) this.point(c, x, y, colours);
  }

  /** Say in words what is drawn. */
  write() {
    write(this.value, this.latest());
    write(this.tip, this.at === null ? "" : this.reading(this.at));
    this.tip.hidden = this.at === null;
  }

  /** Tell screen readers where the slider stands. */
  tellPlace() {
    const { steps } = this.table();
    const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
    const at = steps[nearest(steps, this.at ?? last)] ?? 0;
    const place = { ariaValueMin: first, ariaValueMax: last, ariaValueNow: at };
    Object.assign(this.canvas, place, { ariaValueText: this.reading(at) });
  }

  /** A thin line where a setting was changed; one for several whose labels would overlap. */
  marks(c, x, colours) {
    c.font = this.view.font(10);
    c.textBaseline = "middle";
    for (const { here, labels } of mergeClose(this.store.changes, x)) {
      line(c, colours.quiet, crisp(here), 8, crisp(here), 8 + this.inner.height);
      if (!this.labelled) continue;
      c.save();
      c.translate(Math.min(here + 7, this.surface.width - 6), 12);
      c.rotate(-Math.PI / 2);
      c.textAlign = "right";
      c.fillStyle = colours.ink;
      writeOver(c, colours.paper, Object.values(labels).join(", "), 0, 0);
      c.restore();
    }
  }

  point(c, x, y, colours) {
    const table = this.table();
    const here = crisp(x(table.steps[nearest(table.steps, this.at)]));
    c.setLineDash([3, 3]);
    line(c, colours.ink, here, 8, here, 8 + this.inner.height);
    c.setLineDash([]);
  }
}

const NEAR = 14; // pixels between two upright labels

/** The changes by their places; of several close to each other, the last of each setting counts. */
function mergeClose(changes, x) {
  const marks = [];
  for (const { step, labels } of changes) {
    const here = x(step);
    if (marks.length && here - marks.at(-1).here < NEAR) Object.assign(marks.at(-1).labels, labels);
    else marks.push({ here, labels: { ...labels } });
  }
  return marks;
}

/** The place of the value in a rising list that is nearest, or -1 in an empty one. */
function nearest(list, value) {
  let [low, high] = [0, list.length - 1];
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  const before = low > 0 && value - list[low - 1] < list[low] - value;
  return before ? low - 1 : low;
}
