// The dialog that shows one digit large, with the probabilities that the network gives it.

class DigitDialog {
  constructor(view) {
    this.view = view;
    this.box = element("dialog", "dll-dialog");
    this.box.addEventListener("click", (event) => {
      if (event.target === this.box) this.box.close();
    });
  }

  /** Show a digit, and ask the kernel for its probabilities. */
  show({ panel, index, images, label, prediction, told }) {
    const { model, words, colours } = this.view;
    const [, height, width, depth = 1] = images.shape;
    const size = height * width * depth;
    const pixels = images.values.slice(index * size, (index + 1) * size);
    const atlas = new Atlas();
    atlas.hold({ values: pixels, shape: [1, height, width, depth] }, colours.ink);
    const { canvas } = atlas;
    canvas.role = "img";
    canvas.ariaLabel = told;
    const close = element("button", "dll-close", { textContent: words.close });
    close.addEventListener("click", () => this.box.close());
    const sentence = element("p", "", { textContent: told });
    this.bars = element("div", "dll-bars", { textContent: words.asking, role: "status" });
    this.box.replaceChildren(canvas, sentence, this.bars, close);
    this.box.setAttribute("aria-label", told);
    this.asked = randomNumber(); // a model may have several views
    this.expected = { label, prediction };
    if (!this.box.open) this.box.showModal();
    const shape = images.shape.slice(1);
    const question = { kind: "probabilities", number: this.asked, panel, index, shape };
    model.send(question, undefined, [pixels.buffer]);
  }

  /** Show the probabilities that the kernel answers, or why there are none. */
  answer({ number, probabilities, sentence }) {
    if (number !== this.asked || !this.box.open) return;
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
