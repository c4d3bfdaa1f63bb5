// What stands above the panels: the state of the run, its figures, the legend, and a note.

class Header {
  constructor(view) {
    this.view = view;
    this.line = element("div", "dll-header");
    this.state = element("strong", "dll-state");
    this.facts = element("span", "dll-facts");
    this.legend = element("span", "dll-legend");
    this.line.append(this.state, this.facts, this.legend);
    this.note = element("div", "dll-note", { role: "status" });
  }

  write(state, note) {
    const { words, store } = this.view;
    if (this.state.textContent !== words.states[state]) {
      this.state.textContent = words.states[state];
      this.view.say(words.states[state]);
    }
    const facts = store.head?.facts ?? [];
    while (this.facts.children.length < facts.length) this.facts.append(element("span"));
    while (this.facts.children.length > facts.length) this.facts.lastChild.remove();
    facts.forEach((text, place) => write(this.facts.children[place], text));
    this.writeLegend();
    write(this.note, note);
    this.note.hidden = !note;
  }

  writeLegend() {
    const { words, store } = this.view;
    const isAtTheStart = !store.head?.step; // without a test, there will be none later
    const items = Object.entries(words.curves).filter(
      ([name]) =>
        name === "training" ||
        store.curves[name].steps.length ||
        (name === "test" && isAtTheStart),
    );
    if (store.hasGaps()) items.push(["gap", words.gap]);
    const first = items.length;
    for (const run of store.pinned) items.push(["pinned", run.name]);
    const named = JSON.stringify(items);
    if (this.legend.dataset.named === named) return;
    this.legend.dataset.named = named;
    this.legend.replaceChildren(
      ...items.map(([name, word], place) => legendItem(name, word, dashes(place - first))),
    );
  }
}

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
