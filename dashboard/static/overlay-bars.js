/* The bars below the map: counts by week, or by month, quarter, year where they would not fit;
   a brush over them, and the handles that move along them. Days are counted from 1970-01-01. */
(function () {
  "use strict";
  const Overlay = window.Overlay, DAY = 86400000, NARROWEST = 3, TOP = 13, AXIS = 15, APART = 62, STILL = 4;  // pixels
  const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

  // ---- days in words ---------------------------------------------------------------------------
  const parts = (day) => { const d = new Date(day * DAY); return [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate()]; };
  const dayOf = (year, month, date = 1) => Math.floor(Date.UTC(year, month, date) / DAY);
  const two = (n) => String(n).padStart(2, "0");
  Overlay.isoDay = (day) => new Date(day * DAY).toISOString().slice(0, 10);
  Overlay.dayOfIso = (text) => Math.floor(Date.parse(`${text}T00:00Z`) / DAY);
  /** "05–11 OCT 26": what two days have in common is said once. */
  Overlay.daysInWords = function (from, until) {
    const [y1, m1, d1] = parts(from), [y2, m2, d2] = parts(until), end = `${two(d2)} ${MONTHS[m2]} ${two(y2 % 100)}`;
    if (from === until) return end;
    if (y1 !== y2) return `${two(d1)} ${MONTHS[m1]} ${two(y1 % 100)} – ${end}`;
    return m1 === m2 ? `${two(d1)}–${end}` : `${two(d1)} ${MONTHS[m1]} – ${end}`;
  };

  // ---- what one bar is: the finest unit that fits ------------------------------------------------
  const UNITS = [
    { name: "week", weeks: 1, start: (day) => Overlay.weekOf(day) * 7 - 3, next: (day) => day + 7 },
    { name: "month", weeks: 4, start: (day) => { const [y, m] = parts(day); return dayOf(y, m); }, next: (day) => { const [y, m] = parts(day); return dayOf(y, m + 1); } },
    { name: "quarter", weeks: 13, start: (day) => { const [y, m] = parts(day); return dayOf(y, m - (m % 3)); }, next: (day) => { const [y, m] = parts(day); return dayOf(y, m + 3); } },
    { name: "year", weeks: 52, start: (day) => dayOf(parts(day)[0], 0), next: (day) => dayOf(parts(day)[0] + 1, 0) },
  ];

  function barsOf(unit, first, until, count) {
    const bars = [];
    for (let day = unit.start(first), next; day <= until; day = next) {
      next = unit.next(day);
      bars.push({ from: day, until: Math.min(next - 1, until), n: count(day, Math.min(next - 1, until)) });
    }
    return bars;
  }

  class Bars {
    /** `told` is called with what a person did: brush(from, until), click(day). */
    constructor(box, told) {
      this.box = box;
      this.told = told;
      this.canvas = document.createElement("canvas");
      this.tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
      this.caption = Object.assign(document.createElement("div"), { className: "caption" });
      box.append(this.canvas, this.caption, this.tip);
      this.handles = [];
      this.bars = [];
      this.shown = {};
      new ResizeObserver(() => this.lay()).observe(box);
      box.addEventListener("pointerdown", (event) => this.press(event));
      box.addEventListener("pointermove", (event) => this.hover(event));
      box.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    }
    /** What there is to count: first and last day, and a function that counts what meets a window. */
    fill(first, until, count, words) {
      Object.assign(this, { first, until, count, words });
      this.lay();
    }
    /** What is set off: `period` and `spans`, each [from, until]. */
    set(shown) { this.shown = { ...this.shown, ...shown }; this.draw(); }
    lay() {
      this.width = this.box.clientWidth;
      this.height = this.box.clientHeight;
      if (this.first === undefined || !this.width) return;
      const days = this.until - this.first + 1, fits = (unit) => days / (7 * unit.weeks) <= this.width / NARROWEST;
      this.unit = UNITS.find(fits) || UNITS[UNITS.length - 1];
      this.bars = barsOf(this.unit, this.first, this.until, this.count);
      this.most = this.bars.reduce((most, bar) => Math.max(most, bar.n), 0);
      const scale = window.devicePixelRatio || 1;
      this.canvas.width = this.width * scale;
      this.canvas.height = this.height * scale;
      this.draw();
    }
    // Where a day begins along the bars, in pixels; and which bar lies at a place.
    at(day) {
      const n = this.bars.length;
      if (!n) return 0;
      const i = Math.max(0, this.index(day)), bar = this.bars[i];
      return Math.max(0, Math.min(1, (i + (day - bar.from) / (bar.until - bar.from + 1)) / n)) * this.width;
    }
    index(day) {
      let low = 0, high = this.bars.length - 1;
      while (low < high) { const middle = (low + high + 1) >> 1; if (this.bars[middle].from <= day) low = middle; else high = middle - 1; }
      return low;
    }
    bar(x) { return Math.max(0, Math.min(this.bars.length - 1, Math.floor((x / this.width) * this.bars.length))); }
    place(event) { return event.clientX - this.box.getBoundingClientRect().left; }

    draw() {
      const c = this.canvas.getContext("2d"), t = Overlay.theme, scale = window.devicePixelRatio || 1, { width, height, bars, most } = this;
      if (!bars.length) return;
      const floor = height - AXIS, step = width / bars.length, gap = step > 5 ? 1 : 0, { period, spans = [] } = this.shown;
      c.setTransform(scale, 0, 0, scale, 0, 0);
      c.clearRect(0, 0, width, height);
      const inside = (bar, [from, until]) => bar.until >= from && bar.from <= until;
      spans.forEach(([from, until]) => { c.globalAlpha = 0.22; c.fillStyle = t.accent; c.fillRect(this.at(from), 0, Math.max(2, this.at(until + 1) - this.at(from)), floor); });
      bars.forEach((bar, i) => {
        if (!bar.n) return;
        const tall = Math.max(1.5, (bar.n / most) * (floor - TOP));
        c.globalAlpha = this.dragged ? (i >= this.dragged[0] && i <= this.dragged[1] ? 1 : 0.35) : !period || inside(bar, period) ? 1 : 0.35;
        c.fillStyle = t[this.words.token];
        c.fillRect(i * step, floor - tall, Math.max(1, step - gap), tall);
      });
      c.globalAlpha = 1;
      c.fillStyle = t.line;
      c.fillRect(0, floor, width, 1);
      this.axis(c, floor, step);
      this.handles.forEach((handle) => handle.put());
    }
    axis(c, floor, step) {
      c.fillStyle = Overlay.theme.muted;
      c.font = '11.5px "Source Sans", system-ui, sans-serif';
      c.textBaseline = "top";
      let free = 0;
      this.bars.forEach((bar, i) => {
        const [year, month] = parts(bar.until), [y0, m0] = i ? parts(this.bars[i - 1].until) : [null, null];
        const begins = this.unit.name === "week" ? month !== m0 : year !== y0;
        if (!begins || i * step < free || (!i && this.bars.length > 30)) return;
        const text = this.unit.name === "week" ? `${MONTHS[month]} ${two(year % 100)}` : String(year);
        if (i * step + c.measureText(text).width > this.width) return;
        c.fillRect(i * step, floor, 1, 4);
        c.fillText(text, i * step + 3, floor + 3);
        free = i * step + APART;
      });
    }
    hover(event) {
      if (!this.bars.length || event.target.closest("button")) { this.tip.hidden = true; return; }
      const x = this.place(event), bar = this.bars[this.bar(x)], one = bar.n === 1 ? this.words.one : this.words.many;
      this.tip.textContent = `${Overlay.daysInWords(bar.from, bar.until)}: ${bar.n.toLocaleString("en-GB")} ${one}`;
      this.tip.hidden = false;
      this.tip.style.left = `${Math.max(0, Math.min(this.width - this.tip.offsetWidth, x + 10))}px`;
    }
    press(event) {
      if (event.button || !this.bars.length || event.target.closest("button")) return;
      const from = this.place(event), box = this.box;
      box.setPointerCapture(event.pointerId);
      const moved = (move) => {
        const to = this.place(move);
        if (Math.abs(to - from) < STILL && !this.dragged) return;
        this.dragged = [from, to].map((x) => this.bar(x)).sort((a, b) => a - b);
        this.draw();
      };
      const end = (last) => {
        box.removeEventListener("pointermove", moved);
        ["pointerup", "pointercancel"].forEach((name) => box.removeEventListener(name, end));
        const dragged = this.dragged;
        this.dragged = null;
        this.draw();
        if (last.type === "pointercancel") return;
        if (dragged) this.told.brush(this.bars[dragged[0]].from, this.bars[dragged[1]].until);
        else this.told.click(this.bars[this.bar(from)].until);
      };
      box.addEventListener("pointermove", moved);
      ["pointerup", "pointercancel"].forEach((name) => box.addEventListener(name, end));
    }

    /** A handle on the bars. `day` says where it stands, `move(i)` takes a bar's number, `done` is told when it is let go. */
    handle(name, label, { day, after = false, move, done = () => {} }) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: `handle ${name}` });
      button.setAttribute("role", "slider");
      button.setAttribute("aria-label", label);
      const own = { button };
      own.put = () => {
        const at = day();
        button.hidden = at === null;
        if (button.hidden) return;
        const set = { "aria-valuemin": 0, "aria-valuemax": this.bars.length - 1, "aria-valuenow": this.index(at), "aria-valuetext": Overlay.daysInWords(at, at) };
        Object.entries(set).forEach(([key, value]) => button.setAttribute(key, value));
        button.style.left = `${this.at(at + (after ? 1 : 0))}px`;
      };
      button.addEventListener("pointerdown", (event) => {
        event.stopPropagation();
        button.setPointerCapture(event.pointerId);
        const moved = (to) => { own.moved = true; move(this.bar(this.place(to))); this.draw(); };
        button.addEventListener("pointermove", moved);
        button.addEventListener("lostpointercapture", () => { button.removeEventListener("pointermove", moved); if (own.moved) done(); own.moved = false; }, { once: true });
      });
      button.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key], at = this.index(day());
        const to = by ? at + by : { Home: 0, End: this.bars.length - 1 }[event.key];
        if (to === undefined) { if (event.key === "Enter") { event.preventDefault(); done(); } return; }
        event.preventDefault();
        event.stopPropagation();
        move(Math.max(0, Math.min(this.bars.length - 1, to)));
        this.draw();
        clearTimeout(own.timer);
        own.timer = setTimeout(done, 700);  // milliseconds: several presses are one move
      });
      this.handles.push(own);
      this.box.append(button);
      return button;
    }
  }
  Overlay.Bars = Bars;
})();
