// The panels of digits: those of the mini-batch, and those of the test.

const TEST_ROWS = 25;

/** Digits in a grid; one that is clicked is shown large. */
class DigitPanel {
  static role = "application"; // no other role has arrow keys and so few parts in the page

  constructor(view, name, parts) {
    Object.assign(this, { view, name, ...parts });
    this.surface = new Surface(parts.canvas);
    this.atlas = new Atlas();
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
      if (!this.view.dialog.box.open) this.chosen = null; // the dialog gives the focus back
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
    if (!this.grid?.count || isForNotebook(event)) return;
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

  /** Say in words what is drawn. */
  write() {
    write(this.value, this.latest());
  }

  told(place) {
    const { label, prediction } = this.digit(place);
    const message = prediction == null ? "digit_untested" : "digit";
    return fill(this.view.words[message], { label, prediction });
  }

  open(place) {
    this.view.dialog.show({ panel: this.name, ...this.digit(place), told: this.told(place) });
  }

  /** Paint the digits of the grid, which are among these images. */
  tiles(images, tested) {
    const { atlas, grid } = this;
    const { colours } = this.view;
    const { context: c } = this.surface;
    const [, height, width] = images.shape;
    atlas.hold(images, colours.ink);
    const labelled = Math.min(grid.wide, grid.high) >= 17;
    const [across, down] = labelled ? [grid.wide - 2, grid.high - 4] : [grid.wide, grid.high];
    const scale = Math.min(across / width, down / height);
    const [w, h] = [scale * width, scale * height];
    c.font = this.view.font(Math.max(8, Math.min(11, grid.high / 3.4)));
    c.textBaseline = "bottom";
    const isPhotograph = images.shape[3] === 3; // on which a label could be as dark as it is
    const sign = (text, x, y) =>
      isPhotograph ? writeOver(c, colours.paper, text, x, y) : c.fillText(text, x, y);
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
        sign(label, px + 1, py + grid.high);
        if (wrong) {
          c.textAlign = "right";
          c.fillStyle = colours.answer;
          sign(prediction, px + grid.wide - 2, py + grid.high);
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
    if (!batch?.labels.length) return;
    const { width, height } = this.surface;
    const [count, rows, columns] = batch.images.shape;
    this.grid = largest(count, width, height, rows / columns);
    this.tiles(batch.images, true);
  }

  latest() {
    const { batch } = this.store;
    const shown = batch?.labels.length;
    if (!shown) return "";
    const whole = batch.predictions ? "wrong_of" : "in_batch";
    return fill(this.view.words[shown < batch.count ? "first_of" : whole], {
      mistakes: grouped(batch.mistakes ?? 0),
      count: grouped(batch.count),
      shown: grouped(shown),
    });
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
    if (!pool || !tested?.order.length) return;
    const colours = this.view.colours;
    const { context: c, width, height } = this.surface;
    const count = tested.order.length;
    const columns = Math.ceil(count / TEST_ROWS);
    const left = 46;
    const high = height / TEST_ROWS;
    const wide = Math.min((width - left - 2) / columns, 1.1 * high);
    this.grid = { columns, count, left, wide, high };
    this.tiles(pool.images, tested.predictions !== null);
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
  }

  latest() {
    const { tested } = this.store;
    if (!this.store.pool || !tested?.order.length) return "";
    const values = { mistakes: grouped(tested.mistakes ?? 0), count: grouped(tested.count) };
    return fill(this.view.words[tested.predictions ? "wrong_of" : "not_tested"], values);
  }
}

/** The columns and the tile size with which `count` digits are largest in a rectangle. */
function largest(count, width, height, shape = 1) {
  let best = { columns: 1, wide: 1, high: 1 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const wide = Math.min(width / columns, height / rows / (1.07 * shape));
    if (wide > best.wide) best = { columns, wide, high: 1.07 * shape * wide };
  }
  return { ...best, count, left: 0 };
}
