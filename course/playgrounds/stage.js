// The stage of a playground: the panels of a scene on canvases, drawn from the marks that the
// kernel sends. Nothing here knows what is played with, a word or a colour: all that comes with the
// model, and the places that are pointed at go back as messages.

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

/** One place on the page where a model is shown. */
class StageView {
  constructor(model, el) {
    Object.assign(this, { model, el });
    this.words = model.get("words");
    this.root = element("div", "dll-stage", {
      role: "group",
      "aria-label": model.get("title"),
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
    keepShortcuts(this.root, this.leaving.signal);
    tendControls(this.root, this.leaving.signal, this.words.icons);
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
