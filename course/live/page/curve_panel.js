// Accuracy and loss: the curves of the run, and of pinned runs.

/** Accuracy or loss: training thin, validation dashed, test thick; pinned runs faintly. */
class CurvePanel extends TimePanel {
  constructor(view, name, parts) {
    super(view, name, parts);
    this.column = { loss: 0, accuracy: 1 }[name];
    this.labelled = true;
    this.top = 0;
    this.floor = 0;
  }

  table() {
    return this.store.curves.training.steps.length
      ? this.store.curves.training
      : this.store.curves.test;
  }

  tick(value) {
    return this.name === "accuracy" ? `${Number((100 * value).toFixed(2))}%` : short(value);
  }

  written(value) {
    return this.name === "accuracy" ? percent(value) : short(value);
  }

  limits() {
    return this.name === "accuracy" ? this.accuracyLimits() : this.lossLimits();
  }

  /** The axis narrows late and widens late, or it would flicker around the border. */
  accuracyLimits() {
    const { test, validation } = this.store.curves;
    const late = [test, validation].flatMap((table) => [...table.columns[1].slice(-3)]);
    const known = late.filter(Number.isFinite); // without a metric, there is no accuracy
    const tested = known.length > 0;
    const worst = Math.min(1, ...known);
    if (!tested || worst < this.floor + 0.1 * (1 - this.floor)) this.floor = 0;
    if (tested) {
      const enough = [0.9, 0.8, 0].find((floor) => worst >= floor + 0.3 * (1 - floor)) ?? 0;
      this.floor = Math.max(this.floor, enough);
    }
    return [this.floor, 1 + 0.02 * (1 - this.floor)];
  }

  /** High enough for the curves, leaving out rare peaks and a huge start. */
  lossLimits() {
    const tables = [...Object.values(this.store.curves)];
    for (const run of this.store.pinned) tables.push(...Object.values(run.curves));
    let needed = Math.max(0, ...tables.map((table) => usualHeight(table.columns[0]))) || 1;
    const first = this.store.curves.training.columns[0][0];
    const isShort = this.store.curves.training.steps.length <= 500;
    if (isShort && first < 2.7) needed = Math.max(needed, first); // near ln 10: guessing
    if (needed > this.top || needed < 0.5 * this.top) this.top = roundUp(1.1 * needed);
    return [-roundUp(-1.1 * Math.min(...tables.map(lowest))), this.top];
  }

  paint(c, x, y, colours) {
    this.store.pinned.forEach((run, place) => {
      c.globalAlpha = 0.6;
      c.setLineDash(dashes(place));
      for (const name of ["training", "test"]) {
        c.lineWidth = name === "test" ? 2 : 0.8;
        this.curve(c, x, y, run.curves[name], colours.pinned, name === "training");
      }
    });
    for (const name of CURVES) {
      c.globalAlpha = name === "training" ? 0.85 : 1;
      c.lineWidth = { training: 1.1, validation: 2, test: 2.5 }[name];
      c.setLineDash(name === "validation" ? [6, 3] : []);
      this.curve(c, x, y, this.store.curves[name], colours[name], name === "training");
    }
    c.globalAlpha = 1;
    c.setLineDash([]);
    const { test, validation } = this.store.curves;
    this.dots(c, x, y, validation, colours.validation);
    this.dots(c, x, y, test, colours.test);
    if (test.steps.length) {
      c.fillStyle = colours.test;
      c.beginPath();
      c.arc(x(test.steps.at(-1)), y(test.columns[this.column].at(-1)), 3.5, 0, 7);
      c.fill();
    }
  }

  /** A dot at both ends of each wide gap: between them nothing was measured. */
  dots(c, x, y, { steps, columns }, colour) {
    const isFar = (i) => i > 0 && i < steps.length && this.store.isApart(steps[i - 1], steps[i]);
    c.fillStyle = colour;
    steps.forEach((step, i) => {
      if (!isFar(i) && !isFar(i + 1)) return;
      c.beginPath();
      c.arc(x(step), y(columns[this.column][i]), 3, 0, 7);
      c.fill();
    });
  }

  /** A thin line across each wide gap: only a guess. */
  gaps(c, x, y, { steps, columns }) {
    const values = columns[this.column];
    c.lineWidth = 1;
    c.setLineDash([2, 3]);
    c.beginPath();
    for (let i = 1; i < steps.length; i++) {
      if (!this.store.isApart(steps[i - 1], steps[i])) continue;
      c.moveTo(x(steps[i - 1]), y(values[i - 1]));
      c.lineTo(x(steps[i]), y(values[i]));
    }
    c.stroke();
  }

  /**
   * A curve; where several points share a column of pixels, from the lowest to the highest.
   * One that is measured now and then is thin across wide gaps.
   */
  curve(c, x, y, table, colour, isEachStep) {
    const values = table.columns[this.column];
    if (!table.steps.length) return;
    c.strokeStyle = colour;
    c.lineJoin = "round";
    c.beginPath();
    let open = false;
    const count = table.steps.length;
    for (let i = 0; i < count; ) {
      const here = Math.round(2 * x(table.steps[i]));
      const before = i > 0 ? table.steps[i - 1] : table.steps[0];
      if (!isEachStep && this.store.isApart(before, table.steps[i])) open = false;
      let [low, high, lastValue] = [Infinity, -Infinity, NaN];
      const firstValue = values[i];
      do {
        const value = values[i++];
        if (!Number.isFinite(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
        lastValue = value;
      } while (i < count && Math.round(2 * x(table.steps[i])) === here);
      if (low === Infinity) {
        open = false;
        continue;
      }
      const px = here / 2;
      const begin = Number.isFinite(firstValue) ? firstValue : low;
      if (open) c.lineTo(px, y(begin));
      else c.moveTo(px, y(begin));
      if (high > low) {
        c.lineTo(px, y(high));
        c.lineTo(px, y(low));
        c.lineTo(px, y(lastValue));
      }
      open = true;
    }
    c.stroke();
    if (!isEachStep) this.gaps(c, x, y, table);
  }

  /** Say what is drawn, or why there is no accuracy. */
  write() {
    super.write();
    if (this.name !== "accuracy" || this.canvas.hidden) return;
    const { training, validation, test } = this.store.curves;
    const isKnown = [test, validation, training].some(({ columns }) =>
      columns[1].some(Number.isFinite),
    );
    const isMissing = this.store.head?.step > 0 && !isKnown;
    write(this.why, isMissing ? this.view.words.no_accuracy : "");
    this.why.classList.toggle("over", isMissing);
    this.why.hidden = !isMissing;
  }

  latest() {
    const { test } = this.store.curves;
    if (!test.steps.length) return "";
    const latest = test.columns[this.column].at(-1);
    if (Number.isNaN(latest)) return "";
    const value = this.written(latest);
    const best = this.store.head?.best;
    const message = this.name === "accuracy" && best != null ? "latest_and_best" : "latest";
    return fill(this.view.words[message], { value, best: best == null ? "" : percent(best) });
  }

  reading(step) {
    const parts = [];
    for (const [name, word] of Object.entries(this.view.words.curves)) {
      const table = this.store.curves[name];
      const place = nearest(table.steps, step);
      if (place < 0) continue;
      // A test was made now and then: only one near to where the reader points is meant.
      if (name !== "training" && this.store.isApart(table.steps[place], step)) continue;
      if (Number.isNaN(table.columns[this.column][place])) continue;
      parts.push(`${word} ${this.written(table.columns[this.column][place])}`);
    }
    const table = this.table();
    const exact = table.steps[nearest(table.steps, step)] ?? 0;
    return `${fill(this.view.words.at_step, { step: grouped(exact) })}: ${parts.join(", ")}`;
  }
}

/** The lowest of the values below 0, or 0: only few losses reward with negative numbers. */
function lowest({ columns: [values] }) {
  let low = 0;
  for (const value of values) if (value < low && Number.isFinite(value)) low = value;
  return low;
}

/** How high an axis must reach for a curve: its late part, without the rare peaks. */
function usualHeight(values) {
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return 0;
  const late = finite.slice(Math.floor(finite.length / 20));
  const sorted = Float64Array.from(late).sort();
  const usual = sorted[Math.floor(0.96 * (sorted.length - 1))];
  const last = late.length < 50 ? Math.max(...late.slice(-10)) : late.at(-1);
  return Math.max(usual, last);
}

/** The dashes of a pinned run's curves: the first has none, the others differ. */
const dashes = (place) => (place > 0 ? [2 + 4 * place, 3] : []);
