// The live view of a training run: six panels on canvases, drawn from the numbers that the kernel
// sends. Nothing here knows English, a colour or how to train: words and colours come with the model,
// numbers as messages, and what the reader does goes back as messages.

const CALM = 500; // milliseconds between two drawings for readers who want little motion

/** One place on the page where a model is shown. */
class View {
  constructor(model, el) {
    Object.assign(this, { model, el });
    this.store = storeOf(model);
    this.words = model.get("words");
    this.stale = new Set(); // the names of the panels that must be redrawn
    this.isSeen = true;
    this.root = element("div", "dll-view", {
      role: "group",
      "aria-label": this.words.view,
    });
    el.append(this.root);
    this.header = new Header(this);
    this.root.append(this.header.line, this.header.note);
    this.makePanels();
    this.dialog = new DigitDialog(this);
    this.status = element("div", "dll-unseen", { role: "status", "aria-live": "polite" });
    const keys = element("p", "dll-unseen", { textContent: this.words.keys, id: unusedId() });
    this.root.setAttribute("aria-describedby", keys.id);
    this.root.append(this.dialog.box, this.status, keys);
    this.leaving = new AbortController();
    keepShortcuts(this.root, this.leaving.signal);
    this.listen();
    this.root.append(element("style", "", { textContent: this.model.get("hiding") }));
    tendControls(this.root, this.leaving.signal);
    this.paintTheme();
    this.explain();
    this.focus();
  }

  font(size) {
    return `${size}px ${this.family}`;
  }

  say(text) {
    this.status.textContent = text;
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
      const kind = kinds[name] ?? (name in this.store.bands ? BandPanel : CurvePanel);
      const canvas = element("canvas", "", { tabindex: "0", role: kind.role });
      const tip = element("div", "dll-tip", { hidden: "" });
      const alarm = element("div", "dll-alarm", { textContent: this.words.alarm, hidden: "" });
      const why = element("div", "dll-why", { hidden: "" });
      section.append(heading, canvas, tip, alarm, why);
      this.grid.append(section);
      const parts = { section, canvas, label, value, tip, alarm, title, why };
      return new kind(this, name, parts);
    });
    this.big = element("div", "dll-diverged", { hidden: "", role: "alert" });
    this.root.append(this.big, this.grid);
  }

  listen() {
    const { signal } = this.leaving;
    const atTheEnd = (act) => signal.addEventListener("abort", act);
    const heard = (content, changed) => {
      if (content.kind === "digit") this.dialog.answer(content);
      this.request(changed);
    };
    this.store.listeners.add(heard);
    atTheEnd(() => this.store.listeners.delete(heard));
    const on = (name, act) => {
      this.model.on(name, act);
      atTheEnd(() => this.model.off(name, act));
    };
    on("change:focus", () => this.focus());
    on("change:note", () => this.request());
    for (const name of ["titles", "missing"]) on(`change:${name}`, () => this.explain());
    watchTheme(() => this.paintTheme(), signal);
    // The first size tells that the view is in the page, and so in the page's theme.
    const sizes = new ResizeObserver(() => this.paintTheme());
    sizes.observe(this.grid);
    // What is scrolled out of sight is not drawn; its words are kept up to date.
    const sight = new IntersectionObserver((changes) => {
      this.isSeen = changes.at(-1).isIntersecting;
      if (this.isSeen) this.request([], true);
    });
    sight.observe(this.grid);
    atTheEnd(() => {
      sizes.disconnect();
      sight.disconnect();
      cancelAnimationFrame(this.waiting);
      clearTimeout(this.resting);
    });
    watchPixelRatio(() => this.request(), signal);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** 1 to 6 show one panel, 7 to 9 a pair, 0 and Escape all; space pauses and goes on. */
  key(event) {
    if (isForNotebook(event) || event.target.closest("dialog")) return;
    const names = this.words.panels.map(([name]) => name);
    const views = [[], ...names.map((name) => [name])];
    views.push(["accuracy", "loss"], ["weights", "biases"], ["training digits", "test digits"]);
    const place = event.key === "Escape" ? 0 : "0123456789".indexOf(event.key);
    const panel = this.panels.find(({ canvas }) => canvas === event.target);
    if (place >= 0) {
      this.model.set("focus", views[place]);
      this.model.save_changes();
    } else if (event.key === " " && !(panel instanceof DigitPanel)) { // there, it opens a digit
      if (!event.repeat) this.model.send({ kind: "space" });
    } else return;
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
      // Its words are old, and none are written while it has the focus.
      if (shown) this.write([shown]);
      (shown?.canvas ?? this.root).focus({ preventScroll: true });
    }
    this.grid.dataset.shown = String(chosen.length || 6);
    this.request();
  }

  /** Say what each panel shows, where that is unusual, or why it shows nothing. */
  explain() {
    const [titles, missing] = [this.model.get("titles"), this.model.get("missing")];
    for (const { name, title, label, why, canvas } of this.panels) {
      write(label, titles[name] ?? title);
      write(why, missing[name] ?? "");
      why.hidden = !missing[name];
      canvas.hidden = Boolean(missing[name]);
    }
    this.request();
  }

  paintTheme() {
    this.colours = takeTheme(this.root, this.el, this.model.get("colours"));
    this.family = getComputedStyle(this.root).fontFamily;
    this.request();
  }

  /** Redraw some panels, or all of them, when the page next draws; at once if a hand asks. */
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
    const changed = this.panels.filter(
      ({ name, section, canvas }) => this.stale.has(name) && !section.hidden && !canvas.hidden,
    );
    if (this.isSeen) {
      for (const panel of changed) panel.surface.measure();
      for (const panel of changed) {
        panel.draw();
        this.stale.delete(panel.name);
      }
    }
    this.write(changed);
    this.root.dataset.frames = String(Number(this.root.dataset.frames ?? 0) + 1);
  }

  /** Say in words what is drawn: after it, as canvases wait for what has changed in the page. */
  write(panels) {
    const { state, note } = this.told();
    this.header.write(state, note);
    this.root.dataset.state = state;
    this.big.hidden = state !== "diverged";
    write(this.big, state === "diverged" ? this.store.head.diverged : "");
    for (const panel of panels) {
      panel.write();
      if (panel.canvas === document.activeElement) continue; // it would be read out every time
      const told = [panel.label, panel.value].map((part) => part.textContent);
      panel.canvas.ariaLabel = told.filter(Boolean).join(": ");
      panel.tellPlace?.();
    }
  }

  /** What is said of the run: the one place that decides it, so that no two parts disagree. */
  told() {
    const { words, store } = this;
    if (store.isDisconnected) return { state: "disconnected", note: words.disconnected };
    const note = this.model.get("note") || (store.isSilent ? words.silent : "");
    return { state: store.head?.state ?? "ready", note };
  }
}

const unusedId = () => `dll-${randomNumber()}`;

export default {
  initialize({ model }) {
    storeOf(model);
  },
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.leaving.abort();
  },
};
