// The live view of a training run: six panels on canvases, drawn from the numbers that the kernel
// sends. page.js stands ahead of it. Nothing here knows English, a colour or how to train: words and
// colours come with the model, numbers as messages, and what the reader does goes back as messages.

const CURVES = ["training", "validation", "test"]; // painted in this order
const TIME_PANELS = ["accuracy", "loss", "weights", "biases"];
const STRENGTHS = [0.18, 0.34, 0.55, 0.85]; // of the bands, from the outermost pair inwards
const TEST_ROWS = 25;
const GREETING = 1000; // milliseconds between two greetings
const MAX_PAUSE = 10_000; // and at most, where the kernel does not answer
const SILENCE = 5; // greetings' time in which a run in training is expected to be heard of
const CALM = 500; // milliseconds between two drawings for readers who want little motion

// What the kernel has sent ------------------------------------------------------------------------

/** Everything that was sent, put together; every view of the same model draws from one store. */
class Store {
  constructor() {
    this.listeners = new Set();
    this.isDisconnected = false; // the kernel that made the model is gone
    this.isSilent = false; // a run in training is not heard of, and the kernel does not answer
    this.isIncomplete = true; // a message was missed
    this.number = -1; // of the last frame
    this.head = null;
    this.curves = Object.fromEntries(CURVES.map((name) => [name, emptyTable(2)]));
    this.bands = { weights: emptyTable(8), biases: emptyTable(8) };
    this.batch = null;
    this.pool = null; // all test images, sent once
    this.tested = null;
    this.changes = [];
    this.pinned = [];
  }

  /** Take one message: its parts say what they are, and its buffers hold the numbers. */
  take(content, buffers) {
    const arrays = {};
    (content.arrays ?? []).forEach(({ name, type, shape }, place) => {
      arrays[name] = { values: asArray(buffers[place], type), shape };
    });
    const last = this.end();
    this.count(content);
    if (content.head) this.head = content.head;
    if (content.changes) this.changes = content.changes;
    if (content.pinned) this.pinned = content.pinned.map((name, i) => pinnedRun(name, arrays, i));
    for (const [name, start] of Object.entries(content.starts ?? {})) {
      const table = this.curves[name] ?? this.bands[name];
      // A page that has missed a message does not have what comes before: it will get all anew.
      if (start <= table.steps.length) extend(table, start, arrays[name]);
    }
    if (arrays.batch_images) {
      this.batch = {
        images: arrays.batch_images,
        labels: arrays.batch_labels.values,
        predictions: arrays.batch_predictions?.values ?? null,
        count: content.batch_count,
        mistakes: content.batch_mistakes,
        atlas: null,
      };
    }
    if (arrays.pool_images) {
      this.pool = { images: arrays.pool_images, labels: arrays.pool_labels.values, atlas: null };
    }
    if (arrays.tested_order) {
      this.tested = {
        order: arrays.tested_order.values,
        predictions: arrays.tested_predictions?.values ?? null,
        ...content.tested,
      };
    }
    const changed = this.changed(content, arrays, last);
    for (const listener of this.listeners) listener(content, changed);
  }

  /** Notice a frame that never came, as when the connection was lost; the first holds everything. */
  count({ kind, number }) {
    if (kind !== "frame") return;
    if (number === 0) this.isIncomplete = false;
    else if (number !== this.number + 1) this.isIncomplete = true;
    this.number = number;
  }

  /** Take note of how the connection to the kernel is. */
  set(state) {
    Object.assign(this, state);
    for (const listener of this.listeners) listener({}, []);
  }

  /** The names of the panels that must be drawn anew after a message. */
  changed(content, arrays, last) {
    const names = new Set();
    const add = (...some) => some.forEach((name) => names.add(name));
    if (content.changes || content.pinned || this.end() !== last) add(...TIME_PANELS);
    for (const name of Object.keys(content.starts ?? {})) {
      if (name in this.curves) add("accuracy", "loss");
      else add(name);
    }
    if (content.head) add(...content.head.alarms);
    if (arrays.batch_images) add("training digits");
    if (arrays.tested_order || arrays.pool_images) add("test digits");
    return names;
  }

  /** The step at which the axes end: a round one, which moves only now and then. */
  end() {
    const ends = this.pinned.flatMap((run) =>
      Object.values(run.curves).map((table) => table.steps.at(-1) ?? 0),
    );
    return roundUp(Math.max(this.head?.step ?? 0, ...ends, 10));
  }
}

const ARRAYS = { f4: Float32Array, i4: Int32Array, u1: Uint8Array };

/** A buffer of the message as numbers; copied, as it may not begin where such numbers must. */
function asArray(view, type) {
  const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
  return new ARRAYS[type](bytes.slice().buffer);
}

/** Steps, and columns of as many values. */
function emptyTable(width) {
  return { steps: [], columns: Array.from({ length: width }, () => []) };
}

function extend(table, start, { values, shape }) {
  const [height, count] = shape;
  table.steps.length = start;
  for (let i = 0; i < count; i++) table.steps.push(values[i]);
  table.columns.forEach((column, c) => {
    column.length = start;
    if (c + 1 < height) for (let i = 0; i < count; i++) column.push(values[(c + 1) * count + i]);
  });
}

function pinnedRun(name, arrays, place) {
  const curves = {};
  for (const curve of ["training", "test"]) {
    curves[curve] = emptyTable(2);
    extend(curves[curve], 0, arrays[`pinned_${place}_${curve}`]);
  }
  return { name, curves };
}

/** The next round number: an axis that ends there moves only now and then. */
function roundUp(value) {
  if (!(value > 0)) return 0;
  const capped = Math.min(value, 1e200);
  const power = 10 ** Math.floor(Math.log10(capped));
  return [1, 1.5, 2, 3, 4, 6, 8, 10].find((s) => s * power >= capped * (1 - 1e-9)) * power;
}

// Axes --------------------------------------------------------------------------------------------

/** What the four panels over time share: axes, grid, marks of changes, and a reading at a step. */
class TimePanel {
  constructor(view, name, parts) {
    Object.assign(this, { view, name, ...parts });
    this.surface = new Surface(parts.canvas);
    this.at = null; // the step that the reader points at
    const point = (event) => {
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
    this.view.say(this.reading(this.at ?? 0));
  }

  draw() {
    const { store, surface } = this;
    if (!surface.begin()) return;
    const { context: c, width, height } = surface;
    const colours = this.view.colours;
    this.left = 46;
    this.inner = { width: width - this.left - 12, height: height - 26 - 8 };
    this.last = store.end();
    [this.low, this.high] = this.limits();
    const x = (this.x = (step) => this.left + (step / this.last) * this.inner.width);
    const y = (this.y = (value) =>
      8 + (1 - (value - this.low) / (this.high - this.low)) * this.inner.height);
    c.font = this.view.font(11);
    c.lineWidth = 1;
    c.textBaseline = "middle";
    c.textAlign = "right";
    for (const value of ticks(this.low, this.high, Math.max(2, this.inner.height / 38))) {
      line(c, colours.grid, this.left, crisp(y(value)), width - 12, crisp(y(value)));
      c.fillStyle = colours.quiet;
      c.fillText(this.tick(value), this.left - 6, y(value));
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
    write(this.tip, this.at === null ? "" : this.reading(this.at));
    this.tip.hidden = this.at === null;
    write(this.value, this.latest());
  }

  /** A thin line where a setting was changed. */
  marks(c, x, colours) {
    c.font = this.view.font(10);
    c.textBaseline = "middle";
    for (const { step, label } of this.store.changes) {
      const here = x(step);
      line(c, colours.quiet, crisp(here), 8, crisp(here), 8 + this.inner.height);
      if (!this.labelled) continue;
      c.save();
      c.translate(here > this.left + this.inner.width - 14 ? here - 7 : here + 7, 12);
      c.rotate(-Math.PI / 2);
      c.textAlign = "right";
      c.fillStyle = colours.ink;
      c.fillText(label, 0, 0);
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
    const worst = Math.min(1, ...test.columns[1].slice(-3), ...validation.columns[1].slice(-3));
    const tested = test.steps.length + validation.steps.length > 0;
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
        this.curve(c, x, y, run.curves[name], colours.pinned);
      }
    });
    for (const name of CURVES) {
      c.globalAlpha = name === "training" ? 0.7 : 1;
      c.lineWidth = { training: 0.9, validation: 2, test: 2.5 }[name];
      c.setLineDash(name === "validation" ? [6, 3] : []);
      this.curve(c, x, y, this.store.curves[name], colours[name]);
    }
    c.globalAlpha = 1;
    c.setLineDash([]);
    const { test } = this.store.curves;
    if (test.steps.length) {
      c.fillStyle = colours.test;
      c.beginPath();
      c.arc(x(test.steps.at(-1)), y(test.columns[this.column].at(-1)), 3.5, 0, 7);
      c.fill();
    }
  }

  /** A curve; where several points share a column of pixels, from the lowest to the highest. */
  curve(c, x, y, table, colour) {
    const values = table.columns[this.column];
    if (!table.steps.length) return;
    c.strokeStyle = colour;
    c.lineJoin = "round";
    c.beginPath();
    let open = false;
    const count = table.steps.length;
    for (let i = 0; i < count; ) {
      const here = Math.round(2 * x(table.steps[i]));
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
      if (name !== "training" && Math.abs(table.steps[place] - step) > this.last / 12) continue;
      if (Number.isNaN(table.columns[this.column][place])) continue;
      parts.push(`${word} ${this.written(table.columns[this.column][place])}`);
    }
    const table = this.table();
    const exact = table.steps[nearest(table.steps, step)] ?? 0;
    return `${fill(this.view.words.at_step, { step: grouped(exact) })}: ${parts.join(", ")}`;
  }
}

/** Weights or biases: seven bands that hold equally many values each, over time. */
class BandPanel extends TimePanel {
  table() {
    return this.store.bands[this.name];
  }

  tick(value) {
    return short(value);
  }

  limits() {
    const { columns } = this.table();
    let [low, high] = [0, 0];
    for (const value of columns[0]) if (value < low) low = value;
    for (const value of columns[7]) if (value > high) high = value;
    const ends = [roundUp(-1.02 * low), roundUp(1.02 * high)];
    const least = 0.1 * Math.max(...ends) || 0.1; // keeps the zero line off the frame
    return [-Math.max(ends[0], least), Math.max(ends[1], least)];
  }

  paint(c, x, y, colours) {
    const { steps, columns } = this.table();
    if (!steps.length) return;
    const places = steps.length === 1 ? [0, this.last / 100] : steps;
    const at = (column, i) => columns[column][Math.min(i, steps.length - 1)];
    STRENGTHS.forEach((strength, band) => {
      c.fillStyle = blend(colours.bands, colours.paper, strength);
      c.beginPath();
      places.forEach((step, i) => c.lineTo(x(step), y(at(band, i))));
      for (let i = places.length - 1; i >= 0; i--) c.lineTo(x(places[i]), y(at(7 - band, i)));
      c.closePath();
      c.fill();
      if (band === 3) {
        // Seen even where nearly all values are one.
        c.strokeStyle = c.fillStyle;
        c.lineWidth = 1.2;
        c.stroke();
      }
    });
  }

  draw() {
    super.draw();
    const alarm = (this.store.head?.alarms ?? []).includes(this.name);
    this.section.classList.toggle("alarm", alarm);
    this.alarm.hidden = !alarm;
  }

  latest() {
    const { steps, columns } = this.table();
    if (!steps.length) return "";
    const [low, high] = [short(columns[0].at(-1)), short(columns[7].at(-1))];
    return fill(this.view.words.low_to_high, { low, high });
  }

  reading(step) {
    const { steps, columns } = this.table();
    const place = nearest(steps, step);
    if (place < 0) return "";
    const [low, high] = [short(columns[0][place]), short(columns[7][place])];
    const [lower, upper] = [short(columns[1][place]), short(columns[6][place])];
    const values = { step: grouped(steps[place]), low, high, lower, upper };
    return fill(this.view.words.bands_reading, values);
  }
}

// Digits ------------------------------------------------------------------------------------------

/** Digits in a grid; one that is clicked is shown large. */
class DigitPanel {
  constructor(view, name, parts) {
    Object.assign(this, { view, name, ...parts });
    this.surface = new Surface(parts.canvas);
    this.grid = null;
    this.chosen = null; // the place in the grid that the keyboard is at
    this.canvas.addEventListener("click", (event) => {
      const box = this.canvas.getBoundingClientRect();
      const place = this.placeAt(event.clientX - box.left, event.clientY - box.top);
      if (place !== null) this.open(place);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      const place = this.placeAt(event.clientX - box.left, event.clientY - box.top);
      this.canvas.style.cursor = place === null ? "" : "pointer";
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("blur", () => {
      this.chosen = null;
      this.view.request([this.name], true);
    });
  }

  get store() {
    return this.view.store;
  }

  placeAt(px, py) {
    const { grid } = this;
    if (!grid) return null;
    const [column, row] = [Math.floor((px - grid.left) / grid.wide), Math.floor(py / grid.high)];
    const place = row * grid.columns + column;
    const inside = column >= 0 && column < grid.columns && row >= 0 && place < grid.count;
    return inside ? place : null;
  }

  key(event) {
    if (!this.grid?.count) return;
    const across = this.grid.columns;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (by) {
      const to = this.chosen === null ? 0 : this.chosen + by;
      this.chosen = Math.max(0, Math.min(to, this.grid.count - 1));
      this.view.say(this.told(this.chosen));
    } else if ((event.key === "Enter" || event.key === " ") && this.chosen !== null) {
      this.open(this.chosen);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.view.request([this.name], true);
  }

  told(place) {
    const { label, prediction } = this.digit(place);
    const message = prediction == null ? "digit_untested" : "digit";
    return fill(this.view.words[message], { label, prediction });
  }

  open(place) {
    this.view.enlarge({ panel: this.name, ...this.digit(place), told: this.told(place) });
  }

  /** Paint `count` digits of an atlas; `of(place)` gives index, label and prediction of each. */
  tiles(c, atlas, grid, colours, tested) {
    const { height, width } = atlas;
    const labelled = Math.min(grid.wide, grid.high) >= 17;
    const [across, down] = labelled ? [grid.wide - 2, grid.high - 4] : [grid.wide, grid.high];
    const scale = Math.min(across / width, down / height);
    const [w, h] = [scale * width, scale * height];
    c.font = this.view.font(Math.max(8, Math.min(11, grid.high / 3.4)));
    c.textBaseline = "bottom";
    for (let place = 0; place < grid.count; place++) {
      const { index, label, prediction } = this.digit(place);
      const px = grid.left + (place % grid.columns) * grid.wide;
      const py = Math.floor(place / grid.columns) * grid.high;
      const wrong = prediction != null && prediction !== label;
      if (wrong || !tested) {
        c.fillStyle = wrong ? colours.mistake : colours.grid;
        c.fillRect(px, py, grid.wide - (wrong ? 1 : 0), grid.high - (wrong ? 1 : 0));
      }
      const [sx, sy] = atlas.at(index);
      c.drawImage(atlas.canvas, sx, sy, width, height, px + (grid.wide - w) / 2, py, w, h);
      if (labelled) {
        c.textAlign = "left";
        c.fillStyle = colours.truth;
        c.fillText(label, px + 1, py + grid.high);
        if (wrong) {
          c.textAlign = "right";
          c.fillStyle = colours.answer;
          c.fillText(prediction, px + grid.wide - 2, py + grid.high);
        }
      }
      if (place === this.chosen) {
        c.strokeStyle = colours.ink;
        c.lineWidth = 2;
        c.strokeRect(px + 1, py + 1, grid.wide - 2, grid.high - 2);
      }
    }
  }
}

class BatchPanel extends DigitPanel {
  digit(place) {
    const { labels, predictions, images } = this.store.batch;
    return { index: place, label: labels[place], prediction: predictions?.[place], images };
  }

  draw() {
    if (!this.surface.begin()) return;
    const { batch } = this.store;
    this.grid = null;
    if (!batch?.labels.length) return write(this.value, "");
    const { context: c, width, height } = this.surface;
    const [count, rows, columns] = batch.images.shape;
    this.grid = largest(count, width, height, rows / columns);
    batch.atlas = freshAtlas(batch, this.view.colours);
    this.tiles(c, batch.atlas, this.grid, this.view.colours, true);
    const message = batch.predictions ? "wrong_of" : "in_batch";
    const shown = count < batch.count ? "first_of" : message;
    const values = {
      mistakes: grouped(batch.mistakes ?? 0),
      count: grouped(batch.count),
      shown: grouped(count),
    };
    write(this.value, fill(this.view.words[shown], values));
  }
}

class TestPanel extends DigitPanel {
  digit(place) {
    const { order, predictions } = this.store.tested;
    const { labels, images } = this.store.pool;
    const index = order[place];
    return { index, label: labels[index], prediction: predictions?.[place], images };
  }

  draw() {
    if (!this.surface.begin()) return;
    const { pool, tested } = this.store;
    this.grid = null;
    if (!pool || !tested?.order.length) return write(this.value, "");
    const colours = this.view.colours;
    const { context: c, width, height } = this.surface;
    const count = tested.order.length;
    const columns = Math.ceil(count / TEST_ROWS);
    const left = 46;
    const high = height / TEST_ROWS;
    const wide = Math.min((width - left - 2) / columns, 1.1 * high);
    this.grid = { columns, count, left, wide, high };
    pool.atlas = freshAtlas(pool, colours);
    this.tiles(c, pool.atlas, this.grid, colours, tested.predictions !== null);
    // The edge between red and white is the accuracy, on this scale.
    const whole = (count / columns) * high;
    c.font = this.view.font(11);
    c.textAlign = "right";
    c.fillStyle = colours.quiet;
    for (let tick = 0; tick <= 5; tick++) {
      const share = 1 - (tested.depth * tick) / 5;
      const py = (whole * tick) / 5;
      c.textBaseline = tick === 0 ? "top" : tick === 5 ? "bottom" : "middle";
      c.fillText(`${Number((100 * share).toPrecision(3))}%`, left - 8, py);
      line(c, colours.quiet, left - 5, crisp(Math.min(py, height - 1)), left - 1,
        crisp(Math.min(py, height - 1)));
    }
    const values = { mistakes: grouped(tested.mistakes ?? 0), count: grouped(tested.count) };
    const message = tested.predictions ? "wrong_of" : "not_tested";
    write(this.value, fill(this.view.words[message], values));
  }
}

/** Columns and tiles with which so many digits are largest in a rectangle. */
function largest(count, width, height, shape = 1) {
  let best = { columns: 1, wide: 1, high: 1 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const wide = Math.min(width / columns, height / rows / (1.07 * shape));
    if (wide > best.wide) best = { columns, wide, high: 1.07 * shape * wide };
  }
  return { ...best, count, left: 0 };
}

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

// The view ----------------------------------------------------------------------------------------

/** One place on the page where a model is shown. */
class View {
  constructor(model, el) {
    Object.assign(this, { model, el });
    this.store = storeOf(model);
    this.words = model.get("words");
    this.stale = new Set();
    this.root = element("div", "dll-view", {
      role: "group",
      "aria-label": this.words.view,
      // JupyterLab would take the keys of a view for its own.
      "data-lm-suppress-shortcuts": "true",
    });
    el.append(this.root);
    this.makeHeader();
    this.makePanels();
    this.dialog = element("dialog", "dll-dialog");
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.status = element("div", "dll-unseen", { role: "status", "aria-live": "polite" });
    const keys = element("p", "dll-unseen", { textContent: this.words.keys, id: unusedId() });
    this.root.setAttribute("aria-describedby", keys.id);
    this.root.append(this.dialog, this.status, keys);
    this.leaving = new AbortController();
    this.listen();
    this.root.append(element("style", "", { textContent: this.model.get("hiding") }));
    tendControls(this.root, this.leaving.signal);
    this.paintTheme();
    this.focus();
  }

  font(size) {
    return `${size}px ${this.family}`;
  }

  say(text) {
    this.status.textContent = text;
  }

  makeHeader() {
    this.header = element("div", "dll-header");
    this.state = element("strong", "dll-state");
    this.facts = element("span", "dll-facts");
    this.legend = element("span", "dll-legend");
    this.header.append(this.state, this.facts, this.legend);
    this.note = element("div", "dll-note", { role: "status" });
    this.root.append(this.header, this.note);
  }

  makePanels() {
    const kinds = { "training digits": BatchPanel, "test digits": TestPanel };
    this.grid = element("div", "dll-grid");
    this.panels = this.words.panels.map(([name, title]) => {
      const section = element("section", "dll-panel", { "data-panel": name });
      const heading = element("div", "dll-title");
      const label = element("b", "", { textContent: title });
      const value = element("span", "dll-value");
      heading.append(label, value);
      const canvas = element("canvas", "", { tabindex: "0", role: "img" });
      const tip = element("div", "dll-tip", { hidden: "" });
      const alarm = element("div", "dll-alarm", { textContent: this.words.alarm, hidden: "" });
      const why = element("div", "dll-why", { hidden: "" });
      section.append(heading, canvas, tip, alarm, why);
      this.grid.append(section);
      const parts = { section, canvas, label, value, tip, alarm, title, why };
      const kind = kinds[name] ?? (name in this.store.bands ? BandPanel : CurvePanel);
      return new kind(this, name, parts);
    });
    this.big = element("div", "dll-diverged", { hidden: "", role: "alert" });
    this.root.append(this.grid, this.big);
  }

  listen() {
    const { signal } = this.leaving;
    const atTheEnd = (act) => signal.addEventListener("abort", act);
    const heard = (content, changed) => {
      if (content.kind === "digit") this.showProbabilities(content);
      this.request(changed);
    };
    this.store.listeners.add(heard);
    atTheEnd(() => this.store.listeners.delete(heard));
    const on = (name, act) => {
      this.model.on(name, act);
      atTheEnd(() => this.model.off(name, act));
    };
    on("change:focus", () => this.focus());
    for (const name of ["titles", "missing", "note"]) on(`change:${name}`, () => this.request());
    watchTheme(() => this.paintTheme(), signal);
    // The first size tells that the view is in the page, and so in the page's theme.
    const sizes = new ResizeObserver(() => this.paintTheme());
    sizes.observe(this.grid);
    atTheEnd(() => {
      sizes.disconnect();
      cancelAnimationFrame(this.waiting);
      clearTimeout(this.resting);
    });
    watchPixelRatio(() => this.request(), signal);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** 1 to 6 show one panel, 7 to 9 a pair, 0 and Escape all. */
  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const names = this.words.panels.map(([name]) => name);
    const views = [[], ...names.map((name) => [name])];
    views.push(["accuracy", "loss"], ["weights", "biases"], ["training digits", "test digits"]);
    const place = event.key === "Escape" ? 0 : "0123456789".indexOf(event.key);
    if (place < 0 || event.target.closest("dialog")) return;
    this.model.set("focus", views[place]);
    this.model.save_changes();
    event.preventDefault();
    event.stopPropagation();
  }

  focus() {
    const chosen = this.model.get("focus") ?? [];
    const before = this.panels.find((panel) => panel.canvas === document.activeElement);
    for (const panel of this.panels) {
      panel.section.hidden = chosen.length > 0 && !chosen.includes(panel.name);
    }
    // Keys that nothing here has would go to the page, where some of them act on the notebook.
    if (before?.section.hidden) {
      const shown = this.panels.find(({ section, canvas }) => !section.hidden && !canvas.hidden);
      if (!shown) this.root.tabIndex = -1; // only now: a click beside the canvases would focus it
      (shown?.canvas ?? this.root).focus({ preventScroll: true });
    }
    this.grid.dataset.shown = String(chosen.length || 6);
    this.request();
  }

  paintTheme() {
    this.colours = takeTheme(this.root, this.el, this.model.get("colours"));
    this.family = getComputedStyle(this.root).fontFamily;
    this.request();
  }

  /** Draw some panels anew, or all of them, when the page next draws; at once if a hand asks. */
  request(names = this.words.panels.map(([name]) => name), isByHand = false) {
    for (const name of names) this.stale.add(name);
    if (this.waiting || (this.resting && !isByHand)) return;
    clearTimeout(this.resting);
    this.resting = null;
    if (this.calm?.matches && this.drawnAt && !isByHand) {
      const rest = Math.max(0, this.drawnAt + CALM - performance.now());
      this.resting = setTimeout(() => this.draw(), rest);
    } else {
      this.waiting = requestAnimationFrame(() => this.draw());
    }
  }

  draw() {
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.resting);
    this.waiting = this.resting = null;
    this.drawnAt = performance.now();
    this.drawHeader();
    const [titles, missing] = [this.model.get("titles"), this.model.get("missing")];
    const drawn = this.panels.filter(
      (panel) => !panel.section.hidden && this.stale.delete(panel.name),
    );
    for (const panel of drawn) {
      const why = missing[panel.name] ?? "";
      write(panel.label, titles[panel.name] ?? panel.title);
      write(panel.why, why);
      panel.why.hidden = !why;
      panel.canvas.hidden = Boolean(why);
    }
    for (const panel of drawn) panel.surface.measure();
    for (const panel of drawn) {
      if (!panel.canvas.hidden) panel.draw();
      const told = `${panel.label.textContent}: ${panel.value.textContent}`;
      if (panel.canvas.ariaLabel !== told) panel.canvas.ariaLabel = told;
    }
    this.root.dataset.frames = String(Number(this.root.dataset.frames ?? 0) + 1);
  }

  drawHeader() {
    const { words, store } = this;
    const { state, note } = this.told();
    if (this.state.textContent !== words.states[state]) {
      this.state.textContent = words.states[state];
      this.say(words.states[state]);
    }
    this.root.dataset.state = state;
    const facts = store.head?.facts ?? [];
    while (this.facts.children.length < facts.length) this.facts.append(element("span"));
    while (this.facts.children.length > facts.length) this.facts.lastChild.remove();
    facts.forEach((text, place) => write(this.facts.children[place], text));
    const legend = Object.entries(words.curves).filter(
      ([name]) => name !== "validation" || store.curves.validation.steps.length,
    );
    for (const run of store.pinned) legend.push(["pinned", run.name]);
    const named = JSON.stringify(legend);
    if (this.legend.dataset.named !== named) {
      this.legend.dataset.named = named;
      const first = legend.length - store.pinned.length;
      this.legend.replaceChildren(
        ...legend.map(([name, word], place) => legendItem(name, word, dashes(place - first))),
      );
    }
    write(this.note, note);
    this.note.hidden = !note;
    this.big.hidden = state !== "diverged";
    write(this.big, state === "diverged" ? store.head.diverged : "");
  }

  /** What is said of the run: the one place that decides it, so that no two parts disagree. */
  told() {
    const { words, store } = this;
    if (store.isDisconnected) return { state: "disconnected", note: words.disconnected };
    const note = this.model.get("note") || (store.isSilent ? words.silent : "");
    return { state: store.head?.state ?? "ready", note };
  }

  /** Show one digit large, and ask the kernel for its probabilities. */
  enlarge({ panel, index, images, label, prediction, told }) {
    const [, height, width, depth = 1] = images.shape;
    const size = height * width * depth;
    const pixels = images.values.slice(index * size, (index + 1) * size);
    const canvas = element("canvas", "", { width, height, role: "img", "aria-label": told });
    const one = { images: { values: pixels, shape: [1, height, width, depth] }, atlas: null };
    canvas.getContext("2d").drawImage(freshAtlas(one, this.colours).canvas, 0, 0);
    const close = element("button", "dll-close", { textContent: this.words.close });
    close.addEventListener("click", () => this.dialog.close());
    const sentence = element("p", "", { textContent: told });
    this.bars = element("div", "dll-bars", { textContent: this.words.asking, role: "status" });
    this.dialog.replaceChildren(canvas, sentence, this.bars, close);
    this.dialog.setAttribute("aria-label", told);
    this.asked = randomNumber(); // a model may have several views
    this.expected = { label, prediction };
    if (!this.dialog.open) this.dialog.showModal();
    const shape = images.shape.slice(1);
    const question = { kind: "probabilities", number: this.asked, panel, index, shape };
    this.model.send(question, undefined, [pixels.buffer]);
  }

  showProbabilities({ number, probabilities, sentence }) {
    if (number !== this.asked || !this.dialog.open) return;
    if (!probabilities) {
      this.bars.textContent = sentence;
      return;
    }
    const rows = probabilities.map((share, place) => {
      const row = element("div", "dll-bar");
      if (place === this.expected.label) row.classList.add("truth");
      if (place === this.expected.prediction) row.classList.add("answer");
      const bar = element("span", "dll-track");
      const filled = element("i");
      filled.style.width = `${100 * share}%`;
      bar.append(filled);
      const name = element("span", "", { textContent: place });
      row.append(name, bar, element("span", "", { textContent: percent(share) }));
      return row;
    });
    this.bars.replaceChildren(...rows);
  }
}

/** The dashes of a pinned run's curves: the first has none, the others differ. */
const dashes = (place) => (place > 0 ? [2 + 4 * place, 3] : []);

function legendItem(name, label, [dash, gap]) {
  const item = element("span", `dll-key ${name}`);
  const sample = element("i");
  if (dash) {
    const part = `var(--dll-${name}) 0 ${dash}px, transparent ${dash}px ${dash + gap}px`;
    sample.style.borderImage = `repeating-linear-gradient(90deg, ${part}) 1`;
  }
  item.append(sample, document.createTextNode(label));
  return item;
}

const stores = new WeakMap();

/** The store of a model: anywidget hands out a proxy of it each time, so its words are the key. */
function storeOf(model) {
  const key = model.get("words");
  if (!stores.has(key)) {
    const store = new Store();
    stores.set(key, store);
    keepInTouch(model, store);
  }
  return stores.get(key);
}

const randomNumber = () => crypto.getRandomValues(new Uint32Array(1))[0];
const unusedId = () => `dll-${randomNumber()}`;

/**
 * Say that this page is there until it is welcomed, which a busy kernel may not do at once; and say
 * it again where a message was missed, or where nothing is heard of a run in training.
 */
function keepInTouch(model, store) {
  let [greeting, watch, quiet, wasWelcomed] = [null, null, 0, false];
  const rest = () => {
    clearTimeout(greeting);
    greeting = null;
  };
  const end = () => {
    rest();
    clearInterval(watch);
    watch = null;
  };
  const greet = () => {
    if (greeting !== null) return;
    const page = String(randomNumber());
    let pause = GREETING;
    const say = () => {
      greeting = setTimeout(say, pause);
      pause = Math.min(2 * pause, MAX_PAUSE); // a busy kernel hears all of them in the end
      try {
        model.send({ kind: "here", page, has: store.isIncomplete ? -1 : store.number });
      } catch { // the page has let go of this kernel
        end();
        store.set({ isDisconnected: true });
      }
    };
    say();
  };
  const tick = () => { // counted, not timed: a page that was frozen has heard nothing either
    quiet += 1;
    if (quiet < SILENCE) return;
    greet();
    if (quiet >= 2 * SILENCE && !store.isSilent) store.set({ isSilent: true });
  };
  model.on("msg:custom", (content, buffers) => {
    quiet = 0;
    store.isSilent = false;
    if (content.kind === "welcome") {
      wasWelcomed = true;
      rest();
    }
    store.take(content, buffers);
    if (content.kind !== "frame") return;
    if (store.isIncomplete) greet();
    else if (wasWelcomed) rest(); // it is heard of again, and nothing is missing
    if (store.head.state === "running" && !store.isDisconnected) {
      watch ??= setInterval(tick, GREETING);
    } else {
      clearInterval(watch);
      watch = null;
    }
  });
  model.on("comm_live_update", () => {
    end();
    store.set({ isDisconnected: true });
  });
  model.on("destroy", end);
  greet();
}

export default {
  initialize({ model }) {
    storeOf(model);
  },
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.leaving.abort();
  },
};
