// Weights and biases: how their values spread, over time.

const STRENGTHS = [0.18, 0.34, 0.55, 0.85]; // of the bands, from the outermost pair inwards

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

  write() {
    super.write();
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
