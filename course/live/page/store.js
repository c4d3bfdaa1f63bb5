// What the kernel has sent of a run, put together.

const CURVES = ["training", "validation", "test"]; // painted in this order
const TIME_PANELS = ["accuracy", "loss", "weights", "biases"];

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
      // A page that has missed a message does not have what comes before: it will get everything again.
      if (start <= table.steps.length) extend(table, start, arrays[name]);
    }
    if (arrays.batch_images) {
      this.batch = {
        images: arrays.batch_images,
        labels: arrays.batch_labels.values,
        predictions: arrays.batch_predictions?.values ?? null,
        count: content.batch_count,
        mistakes: content.batch_mistakes,
      };
    }
    if (arrays.pool_images) {
      this.pool = { images: arrays.pool_images, labels: arrays.pool_labels.values };
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

  /** The names of the panels that must be redrawn after a message. */
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

  /** Beyond this many steps, neither of two measurements says anything of the other. */
  reach() {
    return Math.max(1, this.end() / 12);
  }

  /** Whether two steps are further apart than that. */
  isApart(step, other, reach = this.reach()) {
    return Math.abs(step - other) > reach;
  }

  /** Whether a curve that is measured now and then has a gap, over which it is dotted. */
  hasGaps() {
    const [{ validation, test }, reach] = [this.curves, this.reach()];
    const tables = [validation, test, ...this.pinned.map((run) => run.curves.test)];
    return tables.some(({ steps }) =>
      steps.some((step, i) => i > 0 && this.isApart(steps[i - 1], step, reach)),
    );
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

