// The sheet of the pad: strokes of mouse, pen, finger or arrow keys, drawn at once, and sent to the
// kernel as points while they grow.

const SIDE = 280; // units across and down the sheet, whatever its size on the page
const PAUSE = 50; // milliseconds, at least, between two states of a stroke that are sent
const STEP = 8; // units that an arrow key moves the pen; with Shift a quarter of it
const START = { x: SIDE / 2, y: SIDE / 4 }; // of the pen on an empty sheet
const NEAR = 1; // units: a point nearer to the last one adds nothing

class Sheet {
  constructor(model, el) {
    Object.assign(this, { model, el });
    this.words = model.get("words");
    this.canvas = element("canvas", "dll-pad", {
      tabindex: "0",
      role: "application",
      "aria-label": `${this.words.pad} ${this.words.keys}`,
      title: this.words.keys,
    });
    this.told = element("p", "dll-unseen", { role: "status", "aria-live": "polite" });
    this.root = element("div", "dll-sheet");
    this.root.append(this.canvas, this.told);
    el.append(this.root);
    this.surface = new Surface(this.canvas);
    this.pen = { ...START, isDown: false, isByKey: false };
    this.strokes = copied(model.get("strokes"));
    this.leaving = new AbortController();
    keepShortcuts(this.canvas, this.leaving.signal);
    this.listen();
    this.paintTheme();
  }

  listen() {
    const { model, canvas } = this;
    const { signal } = this.leaving;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      this.pen.isByKey = false;
      this.begin(...this.place(event));
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.pen.isDown || this.pen.isByKey) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length ? all : [event]) this.move(...this.place(one));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, () => !this.pen.isByKey && this.end());
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.request());
    canvas.addEventListener("blur", () => {
      this.end();
      this.pen.isByKey = false;
      this.request();
    });
    const on = (name, act) => {
      model.on(name, act);
      signal.addEventListener("abort", () => model.off(name, act));
    };
    on("change:strokes", () => {
      if (this.pen.isDown) return; // the page knows better
      this.strokes = copied(model.get("strokes"));
      if (!this.strokes.length) Object.assign(this.pen, START);
      this.request();
    });
    on("change:pen", () => this.request());
    watchTheme(() => this.paintTheme(), signal);
    const sizes = new ResizeObserver(() => this.paintTheme());
    sizes.observe(canvas);
    signal.addEventListener("abort", () => {
      sizes.disconnect();
      cancelAnimationFrame(this.waiting);
      clearTimeout(this.sending);
    });
    watchPixelRatio(() => this.request(), signal);
  }

  /** Where a pointer is, in units of the sheet. */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const within = (share) => Math.round(10 * SIDE * Math.max(0, Math.min(1, share))) / 10;
    return [
      within((event.clientX - box.left) / box.width),
      within((event.clientY - box.top) / box.height),
    ];
  }

  // What the hand does ---------------------------------------------------------------------------

  begin(x, y) {
    Object.assign(this.pen, { x, y, isDown: true });
    this.strokes.push([[x, y]]);
    this.send();
    this.request();
  }

  move(x, y) {
    const stroke = this.strokes.at(-1);
    const [lastX, lastY] = stroke.at(-1);
    Object.assign(this.pen, { x, y });
    if (Math.hypot(x - lastX, y - lastY) >= NEAR) stroke.push([x, y]);
    this.send();
    this.request();
  }

  end() {
    if (!this.pen.isDown) return;
    this.pen.isDown = false;
    this.send(0);
    this.request();
  }

  /** Let the kernel know the strokes: soon, or now. */
  send(pause = PAUSE) {
    if (pause && this.sending) return;
    clearTimeout(this.sending);
    this.sending = setTimeout(() => {
      this.sending = null;
      this.model.set("strokes", copied(this.strokes));
      this.model.save_changes();
    }, pause);
  }

  key(event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const { pen, words } = this;
    if (isForNotebook(event)) return;
    if (event.key in by) {
      const size = event.shiftKey ? STEP / 4 : STEP;
      const [x, y] = [pen.x, pen.y].map((at, i) =>
        Math.max(0, Math.min(SIDE, at + size * by[event.key][i])),
      );
      pen.isByKey = true;
      if (pen.isDown) this.move(x, y);
      else Object.assign(pen, { x, y });
      this.say(pen.isDown ? words.down : words.up);
    } else if (event.key === " ") {
      pen.isByKey = true;
      if (pen.isDown) this.end();
      else this.begin(pen.x, pen.y);
      this.say(pen.isDown ? words.down : words.up);
    } else if (event.key === "Escape" && pen.isDown) {
      this.end();
      this.say(words.up);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.end();
      this.strokes = [];
      Object.assign(pen, START);
      this.send(0);
      this.say(words.cleared);
    } else return;
    this.request();
    event.preventDefault();
    event.stopPropagation();
  }

  say(words) {
    const [x, y] = [this.pen.x, this.pen.y].map((at) => Math.round((100 * at) / SIDE));
    this.told.textContent = fill(words, { x, y });
  }

  // What is shown --------------------------------------------------------------------------------

  paintTheme() {
    this.colours = takeTheme(this.root, this.el, this.model.get("colours"));
    this.request();
  }

  request() {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.waiting = null;
    const { surface, colours, pen } = this;
    surface.measure();
    if (!surface.begin()) return;
    const c = surface.context;
    const unit = surface.width / SIDE;
    const width = this.model.get("pen") * unit;
    c.fillStyle = colours.paper;
    c.fillRect(0, 0, surface.width, surface.height);
    c.strokeStyle = colours.ink;
    c.lineCap = c.lineJoin = "round";
    c.lineWidth = width;
    for (const stroke of this.strokes) {
      c.beginPath();
      c.moveTo(stroke[0][0] * unit, stroke[0][1] * unit);
      for (const [x, y] of stroke) c.lineTo(x * unit, y * unit);
      c.stroke();
    }
    if (document.activeElement !== this.canvas || !pen.isByKey) return;
    c.strokeStyle = pen.isDown ? colours.test : colours.training;
    c.lineWidth = 2;
    c.beginPath();
    c.arc(pen.x * unit, pen.y * unit, Math.max(4, width / 2), 0, 2 * Math.PI);
    c.stroke();
  }
}

const copied = (strokes) => strokes.map((stroke) => stroke.map((point) => [...point]));

export default {
  render({ model, el }) {
    const sheet = new Sheet(model, el);
    return () => sheet.leaving.abort();
  },
};
