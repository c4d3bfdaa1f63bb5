// What all pictures in the page share: numbers as text, canvases as sharp as the screen, and the
// theme of the page. It stands ahead of the files that draw, so it exports nothing.

// Numbers and words -------------------------------------------------------------------------------

/** A number in few digits: 0.05, 1.25, 2,500, 1e38, −3; as Python's `short` writes it. */
function short(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  if (size >= 1000 && size < 10000) return minus(grouped(Math.round(value)));
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Number(size.toPrecision(3))));
  if (power < -5 || power >= 3) {
    return minus(value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e"));
  }
  return minus(String(Number(value.toPrecision(3))));
}

const minus = (text) => text.replaceAll("-", "−");
const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** Put values into the words that came with the model: fill("{n} of {m}", {n: 1, m: 2}). */
function fill(message, values) {
  return (message ?? "").replace(/\{(\w+)\}/g, (_whole, name) => values[name] ?? "");
}

/** At most about `count` round places from low to high. */
function ticks(low, high, count, whole = false) {
  if (!(high > low)) return [];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 2.5, 5, 10].map((s) => s * power).find((s) => s >= rough * 0.999);
  if (whole) step = step === 2.5 ? 5 : Math.max(1, step);
  const places = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    places.push(Math.abs(i * step) < step * 1e-9 ? 0 : i * step);
  }
  return places;
}

/** The next round number: an axis that ends there moves only now and then. */
function roundUp(value) {
  if (!(value > 0)) return 0;
  const capped = Math.min(value, 1e200);
  const power = 10 ** Math.floor(Math.log10(capped));
  return [1, 1.5, 2, 3, 4, 6, 8, 10].find((s) => s * power >= capped * (1 - 1e-9)) * power;
}

/** A canvas with as many pixels as the screen has; drawn in units of the page. */
class Surface {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /** Take the size that the page gives the canvas: ahead of what changes the page, as it waits. */
  measure() {
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
  }

  /** Begin a drawing of that size on clean paper; returns false while there is no room for one. */
  begin() {
    const ratio = window.devicePixelRatio || 1;
    if (this.width < 40 || this.height < 40) return false;
    const [w, h] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    this.context.setTransform(w / this.width, 0, 0, h / this.height, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return true;
  }
}

// Drawing -----------------------------------------------------------------------------------------

const crisp = (place) => Math.round(place) + 0.5;

function line(c, colour, x1, y1, x2, y2) {
  c.strokeStyle = colour;
  c.lineWidth = 1;
  c.beginPath();
  c.moveTo(x1, y1);
  c.lineTo(x2, y2);
  c.stroke();
}

/** Write a text that stays readable on lines: they are broken around its letters. */
function writeOver(c, paper, text, x, y) {
  c.strokeStyle = paper;
  c.lineWidth = 4;
  c.lineJoin = "round";
  c.strokeText(text, x, y);
  c.fillText(text, x, y);
}

function channels(colour) {
  const number = parseInt(colour.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

function blend(colour, paper, strength) {
  const [over, under] = [channels(colour), channels(paper)];
  const mixed = over.map((part, i) => Math.round(strength * part + (1 - strength) * under[i]));
  return `rgb(${mixed.join(",")})`;
}

/** Whether the page around an element is dark: by the first background that is really there. */
function isDark(element) {
  for (let node = element; node; node = node.parentElement) {
    const [r, g, b, alpha = 1] = (
      getComputedStyle(node).backgroundColor.match(/[\d.]+/g) ?? [0, 0, 0, 0]
    ).map(Number);
    if (alpha > 0.5) return 0.299 * r + 0.587 * g + 0.114 * b < 128;
  }
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Paint an element in the colours of the theme around it, and return them. */
function takeTheme(root, el, themes) {
  const dark = isDark(el);
  root.classList.toggle("dark", dark);
  const colours = themes[dark ? "dark" : "light"];
  for (const [name, colour] of Object.entries(colours)) {
    root.style.setProperty(`--dll-${name}`, colour);
  }
  return colours;
}

/** Call `act` whenever the page may have changed its theme, until the signal aborts. */
function watchTheme(act, signal) {
  const changes = new MutationObserver(act);
  for (const node of [document.documentElement, document.body]) {
    const names = ["class", "style", "theme", "data-jp-theme-light", "data-jp-theme-name"];
    changes.observe(node, { attributes: true, attributeFilter: names });
  }
  signal.addEventListener("abort", () => changes.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act, { signal });
}

/** Call `act` whenever a unit of the page has become more or fewer pixels, until `signal` aborts. */
function watchPixelRatio(act, signal) {
  const same = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  const changed = () => {
    act();
    watchPixelRatio(act, signal);
  };
  same.addEventListener("change", changed, { signal, once: true });
}

// Elements ----------------------------------------------------------------------------------------

/** Look after the controls around a picture: their keys, and what screen readers say of them;
 * `icons` are words for the buttons that show nothing else. */
function tendControls(root, signal, icons = {}) {
  let box = root.closest(".dll-box");
  if (!box) { // not yet in the page
    requestAnimationFrame(() => signal.aborted || tendControls(root, signal, icons));
    return;
  }
  for (; box; box = box.parentElement.closest(".dll-box")) {
    box.addEventListener("keydown", keepKey, { signal });
    box.addEventListener("keydown", readTyped, { signal, capture: true });
    box.addEventListener("focusout", readTyped, { signal });
    nameControls(box, root, signal, icons);
  }
}

/** Whether a key is meant for the notebook, wherever the focus is: to save it, or to run the cell. */
function isForNotebook({ ctrlKey, metaKey, altKey, shiftKey, key }) {
  return ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");
}

/** Keep a plain key from acting on the notebook's cells. */
function keepKey(event) {
  if (!isForNotebook(event)) event.stopPropagation();
}

/** Have JupyterLab leave an element the keys that it would take for its own, ahead of the element,
 * but not those that are meant for the notebook. */
function keepShortcuts(node, signal) {
  const listen = (event) => {
    const isOurs = !isForNotebook(event) || event.target.closest?.("dialog");
    node.toggleAttribute("data-lm-suppress-shortcuts", Boolean(isOurs));
  };
  // Of the window, which hears of a key first.
  window.addEventListener("keydown", listen, { capture: true, signal });
}

/** ipywidgets waits for a "blur" to bubble up, which none does: it would not read a number typed
 * beside a slider before Enter is pressed. And it shows "−", but reads "-". */
function readTyped({ target, key = "Enter" }) {
  if (key !== "Enter" || !target.matches(".widget-readout[contenteditable=true]")) return;
  target.textContent = target.textContent.replace("−", "-");
  target.dispatchEvent(new FocusEvent("blur", { bubbles: true }));
}

/** Sliders carry no name, and tell the place of their handle: give them what is shown instead.
 * A box without a description gets the name that its tooltip says, and a button with an icon alone
 * the word for it. */
function nameControls(box, root, signal, icons) {
  const set = (node, name, text) => {
    if (node && text && node.getAttribute(name) !== text) node.setAttribute(name, text);
  };
  const tell = (changes = []) => {
    // A picture writes its own words with each frame.
    if (changes.length && changes.every(({ target }) => root.contains(target))) return;
    // ipywidgets writes "null" where a label has no tooltip.
    for (const label of box.querySelectorAll(".widget-label[title=null]")) {
      label.removeAttribute("title");
    }
    for (const handle of box.querySelectorAll(".noUi-handle")) {
      const slider = handle.closest(".widget-slider");
      const label = slider.querySelector(".widget-label");
      const readout = slider.querySelector(".widget-readout");
      const name = label?.title || label?.textContent;
      set(handle, "aria-label", name);
      set(handle, "aria-valuetext", readout?.textContent);
      if (slider.classList.contains("dll-steps")) {
        set(readout, "contenteditable", "false"); // ipywidgets takes nothing that is typed there
      } else if (readout?.isContentEditable) {
        set(readout, "role", "textbox");
        set(readout, "aria-label", name);
        const { min, max } = slider.querySelector(".noUi-target").noUiSlider.options.range;
        set(readout, "title", `${min} … ${max}`.replaceAll("-", "−"));
      }
    }
    for (const icon of box.querySelectorAll(".widget-play button > i")) {
      set(icon.parentElement, "title", icons[icon.classList[1]]);
    }
    for (const field of box.querySelectorAll("input, select")) {
      const label = field.labels?.[0];
      if (label && !label.textContent.trim()) set(field, "aria-label", label.title);
    }
  };
  const moves = new MutationObserver(tell);
  const what = { subtree: true, childList: true, characterData: true };
  const names = ["aria-valuetext", "class", "contenteditable"];
  moves.observe(box, { ...what, attributes: true, attributeFilter: names });
  signal.addEventListener("abort", () => moves.disconnect());
  tell();
}

/** Put a text into an element, unless it is there: each change makes the page lay itself out. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function element(tag, className = "", settings = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(settings)) {
    if (name === "textContent") node.textContent = value;
    else node.setAttribute(name, value);
  }
  return node;
}
