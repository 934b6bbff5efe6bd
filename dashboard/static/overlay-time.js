/* Time on the map: the bar below it brushes a period, plays the layers through time, and lays
   two moments side by side. Nothing is asked of the page while it plays. */
(function () {
  "use strict";
  const Overlay = window.Overlay, RATE = 4;  // steps a second at 1x
  const WINDOWS = { 1: "1 week", 4: "4 weeks", 13: "13 weeks", 52: "52 weeks", all: "cumulative" };
  const ICONS = {
    back: '<path d="M12.5 3v10L6 8ZM3.5 3h1.6v10H3.5Z"/>',
    play: '<path d="M4 2.5v11L13.5 8Z"/>',
    pause: '<path d="M3.5 3h3v10h-3ZM9.5 3h3v10h-3Z"/>',
    forward: '<path d="M3.5 3v10L10 8ZM10.9 3h1.6v10h-1.6Z"/>',
    stop: '<path d="M3.5 3.5h9v9h-9Z"/>',
  };
  const monday = (week) => week * 7 - 3;
  const element = (tag, properties, ...children) => { const made = Object.assign(document.createElement(tag), properties); made.append(...children); return made; };
  const number = (n) => n.toLocaleString("en-GB");
  const lower = (text) => (/^[A-Z]{2}/.test(text) ? text : text[0].toLowerCase() + text.slice(1));
  const incidents = (all) => `${all.map(number).join(" | ")} incident${all.every((n) => n === 1) ? "" : "s"}`;
  const plain = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;

  // How many meet a window: those that begin by its end, less those that end before it.
  function counter(days) {
    const sums = (n) => { let all = 0; return Array.from(n, (one) => (all += one)); };
    const first = sums(days.first_n), last = sums(days.last_n);
    const until = (at, summed, day) => {
      let low = 0, high = at.length;
      while (low < high) { const middle = (low + high) >> 1; if (at[middle] <= day) low = middle + 1; else high = middle; }
      return low ? summed[low - 1] : 0;
    };
    return (from, to) => until(days.first, first, to) - until(days.last, last, from - 1);
  }

  class TimeBar {
    constructor(map, time, key, legend) {
      Object.assign(this, { map, time, key, legend, mode: "still", turn: 0, steps: 0, sides: [], share: 0.5 });
      this.until = Overlay.dayOfIso(time.until);
      this.names = time.layers.map((layer) => plain(layer.label));
      this.make();
      this.shownScene = (event) => { this.scene = event.scene; if (this.mode !== "still") { this.scene.giveWay(true); } };
      map.on("overlay:drawn", this.shownScene);
      map.on("resize", this.layLine, this);
      this.keyed = (event) => this.press(event);
      document.addEventListener("keydown", this.keyed);
      this.count();
    }

    // ---- the bar itself ----------------------------------------------------------------------
    make() {
      const button = (name, label, act) => {
        const made = element("button", { type: "button", className: name, title: label, innerHTML: `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${ICONS[name]}</svg>` });
        made.setAttribute("aria-label", label);
        made.addEventListener("click", act);
        return made;
      };
      const worded = (name, text, label, act) => {
        const made = element("button", { type: "button", className: name, textContent: text, title: label });
        made.addEventListener("click", act);
        return made;
      };
      const choice = (label, options, act) => {
        const made = element("select", { title: label }, ...options.map(([value, text]) => new Option(text, value)));
        made.setAttribute("aria-label", label);
        made.addEventListener("change", act);
        return made;
      };
      this.playButton = button("play", "Play", () => this.toggle());
      this.stopButton = button("stop", "Stop: back to the filtered picture", () => this.stop());
      this.speed = choice("Speed", [1, 2, 4].map((n) => [n, `${n}×`]), () => {});
      this.window = choice("Window", Object.entries(WINDOWS), () => { if (this.mode !== "still") this.show(); });
      this.compareButton = worded("compare", "Compare", "Compare two moments on both sides of a line", () => (this.mode === "compare" ? this.stop() : this.compare()));
      this.compareButton.setAttribute("aria-pressed", "false");
      this.wholeButton = worded("whole", "Whole span", "Give the period back: all until as-of", () => this.brush(null));
      this.when = element("b", {});
      this.what = element("span", {});
      this.said = element("div", { className: "said" }, this.when, this.what);
      const plot = element("div", { className: "plot", tabIndex: 0 });
      plot.setAttribute("role", "group");
      plot.setAttribute("aria-label", "Time: drag to choose a period; Space plays, arrow keys step, Escape stops");
      this.box = element("section", { className: "overlay-time" },
        element("div", { className: "row" }, button("back", "Step back", () => this.step(-1)), this.playButton, button("forward", "Step forward", () => this.step(1)),
          this.stopButton, this.speed, this.window, this.compareButton, this.wholeButton, this.said), plot);
      this.box.classList.toggle("dark", Overlay.theme.name === "dark");
      this.box.setAttribute("aria-label", "Time");
      this.map.getContainer().after(this.box);
      this.bars = new Overlay.Bars(plot, { brush: (from, until) => this.brush([from, until]), click: (day) => this.click(day) });
      this.handles();
      this.tell();
    }
    handles() {
      const bars = this.bars, side = (n) => ({
        day: () => (this.mode === "still" && this.first !== undefined ? (this.moving || this.period())[n] : null),
        after: n === 1,
        move: (i) => {
          const days = [...(this.moving || this.period())];
          days[n] = n ? Math.max(bars.bars[i].until, days[0]) : Math.min(bars.bars[i].from, days[1]);
          this.moving = days;
          bars.set({ period: days });
        },
        done: () => { const days = this.moving; this.moving = null; if (days) this.brush(days); },
      });
      bars.handle("from", "Period from", side(0));
      bars.handle("until", "Period until", side(1));
      const moment = (n) => ({
        day: () => (this.mode === "compare" ? this.span(this.ends[n]).until : null),
        after: true,
        move: (i) => { this.ends[n] = Overlay.weekOf(bars.bars[i].until); this.show(); },
      });
      bars.handle("a", "Moment A, left of the line", moment(0));
      bars.handle("b", "Moment B, right of the line", moment(1));
    }

    // ---- what there is to count ----------------------------------------------------------------
    async count() {
      const counted = this.time.layers.filter((layer) => layer.days);
      let days;
      try { days = await Promise.all(counted.map((layer) => Overlay.numbers(layer.days))); } catch (error) { this.fail(error); return; }
      const counters = days.map(counter), begins = (counted.length ? counted : this.time.layers).map((layer) => layer.begins).filter(Boolean);
      this.first = Math.min(this.until - 6, ...begins.map(Overlay.dayOfIso));
      const all = (from, until) => counters.reduce((sum, count) => sum + count(from, until), 0), words = { one: "incident", many: "incidents", token: "incident" };
      this.bars.fill(this.first, this.until, all, words);
      const years = (this.until - this.first) / 365;
      this.window.value = years <= 2 ? "1" : years <= 8 ? "13" : "52";
      this.all = counted.length ? all : null;
      this.box.dataset.weeks = String(Overlay.weekOf(this.until) - Overlay.weekOf(this.first) + 1);
      this.take(this.time);
      this.tell();
    }
    /** The same bar for a scene whose legend and period are other ones. */
    join(time, legend) {
      this.legend = legend;
      if (this.mode !== "still") this.layLegend();
      this.take(time);
    }
    take(time) {
      this.time = { ...this.time, first: time.first, last: time.last };
      if (this.first !== undefined) this.bars.set({ period: this.period() });
      this.tell();
    }
    period() {
      const { first, last } = this.time, days = [first ? Overlay.dayOfIso(first) : this.first, last ? Overlay.dayOfIso(last) : this.until];
      return days.map((day) => Math.max(this.first, Math.min(this.until, day)));
    }
    narrowed() { const [from, until] = this.period(); return from > this.first || until < this.until; }
    caption() {
      const some = (name) => this.time.layers.filter((layer) => layer[name]).map((layer) => `${number(layer[name])} ${lower(plain(layer.label))}`).join(", ");
      const missing = some("undated"), undrawn = some("undrawn");
      const counts = this.all ? `Incidents a ${this.bars.unit.name}, at most ${number(this.bars.most)}` : "No incidents are switched on";
      return [counts, missing && `${missing} without a date, not played`, undrawn && `${undrawn} are lines or areas: counted, not drawn`].filter(Boolean).join(" · ");
    }

    // ---- a period, told to the page as a dragged pin is --------------------------------------------
    brush(days) {
      if (!days && !this.time.first && !this.narrowed()) return;
      const told = L.marker(this.map.getCenter(), { opacity: 0, interactive: false });
      told.feature = { type: "Feature", properties: { days: days ? days.map(Overlay.isoDay) : [], at: Date.now() } };
      if (days) this.bars.set({ period: days });
      this.map.fire("draw:created", { layer: told, layerType: "marker" });
    }
    click(day) {
      const week = Overlay.weekOf(day);
      if (this.mode === "still") { this.brush(null); return; }
      if (this.mode === "moment") this.end = week;
      else this.ends[Math.abs(this.ends[0] - week) <= Math.abs(this.ends[1] - week) ? 0 : 1] = week;
      this.show();
    }

    // ---- moments -----------------------------------------------------------------------------------
    get weeks() { return this.window.value === "all" ? null : Number(this.window.value); }
    // A window moves by a quarter of its length, one that only grows by about a bar.
    get stride() { return this.weeks ? Math.max(1, Math.floor(this.weeks / 4)) : this.bars.unit.weeks; }
    get lastWeek() { return Overlay.weekOf(this.until); }
    get firstEnd() { return Math.min(Overlay.weekOf(this.first) + (this.weeks || this.stride) - 1, this.lastWeek); }
    span(end) {
      return {
        from: this.weeks ? monday(end - this.weeks + 1) : Math.min(this.first, monday(end)),
        step: monday(end - this.stride + 1),
        until: Math.min(monday(end) + 6, this.until),
      };
    }
    // True once it shows moments in this way; false where something else was asked for meanwhile.
    async enter(mode) {
      const turn = (this.turn += 1);
      if (this.mode === mode) return true;
      if (this.first === undefined) return false;
      if (!this.played) {
        this.waiting = true;
        this.tell();
        this.loading = this.loading || Overlay.fetchPlayed(this.time.layers);
        let failed = null;
        try { this.played = await this.loading; } catch (error) { this.loading = null; failed = error; }
        if (turn !== this.turn) return false;
        this.waiting = false;
        if (failed) { this.tell(); this.fail(failed); return false; }
      }
      this.clear();
      this.mode = mode;
      this.sides = (mode === "compare" ? ["a", "b"] : ["now"]).map((name) => new Overlay.Side(this.map, name, this.played));
      this.labels = this.sides.map(() => element("div", { className: `overlay-when ${mode === "compare" ? "low side" : ""}` }));
      this.labels.forEach((label) => this.map.getContainer().append(label));
      this.map.getContainer().classList.add("in-time");
      if (this.scene) this.scene.giveWay(true);
      if (mode === "compare") this.makeLine();
      this.layLegend();
      return true;
    }
    clear() {
      this.pause();
      this.sides.forEach((side) => side.remove());
      (this.labels || []).forEach((label) => label.remove());
      if (this.line) this.line = void this.line.remove();
      this.sides = this.labels = [];
      this.shown = null;
    }
    stop() {
      const was = this.mode;
      this.turn += 1;
      this.waiting = false;
      this.clear();
      this.mode = "still";
      this.end = undefined;
      this.map.getContainer().classList.remove("in-time");
      if (was !== "still" && this.scene) { this.scene.giveWay(false); this.map.fire("overlay:drawn", { scene: this.scene }); }
      if (was !== "still") this.legend.play(null);
      this.bars.set({ spans: [] });
      this.tell();
    }
    show() {
      const ends = this.mode === "compare" ? this.ends : [this.end], spans = ends.map((end) => this.span(end));
      const numbers = this.sides.map((side, i) => side.show(spans[i]));
      this.labels.forEach((label, i) => { label.textContent = `${this.mode === "compare" ? `${"AB"[i]}  ` : ""}${Overlay.daysInWords(spans[i].from, spans[i].until)}`; });
      this.countLegend(numbers);
      this.layLine();
      this.bars.set({ spans: spans.map((span) => [span.from, span.until]) });
      this.shown = { spans, numbers };
      this.tell();
    }
    // The legend is that of what plays; what stays on the map keeps its lines.
    layLegend() {
      this.legend.play(new Map(this.time.layers.map((layer) => [layer.legend.layer, layer.legend])));
      if (this.shown) this.countLegend(this.shown.numbers);
    }
    countLegend(numbers) {
      const tell = (line, counts) => this.legend.tell(line, counts.map(number).join("\u00a0|\u00a0"));
      this.time.layers.forEach(({ legend }, i) => {
        tell(legend, numbers.map((each) => each[i]));
        legend.lines.forEach((line) => tell(line, this.sides.map((side) => side.layers[i].parts[line.part] || 0)));
      });
    }
    async step(by) {
      const fresh = this.mode !== "moment" || this.end === undefined;
      this.pause();
      if (!(await this.enter("moment"))) return;
      this.end = fresh ? (by > 0 ? this.firstEnd : this.lastWeek) : Math.max(this.firstEnd, Math.min(this.lastWeek, this.end + by * this.stride));
      this.show();
    }
    async toggle() {
      if (this.playing) { this.pause(); return; }
      const fresh = this.mode !== "moment" || this.end === undefined || this.end >= this.lastWeek;
      if (!(await this.enter("moment"))) return;
      if (fresh) { this.end = this.firstEnd; this.show(); }
      const run = (this.playing = {});  // a loop ends with its own run, not with the next one
      this.tell();
      let due = performance.now() + 1000 / RATE / Number(this.speed.value);
      const frame = (now) => {
        if (this.playing !== run) return;
        if (now >= due) {
          due = Math.max(due + 1000 / RATE / Number(this.speed.value), now);
          this.end = Math.min(this.lastWeek, this.end + this.stride);
          this.show();
          this.steps += 1;
          this.box.dataset.steps = String(this.steps);
          if (this.end >= this.lastWeek) { this.pause(); return; }
        }
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }
    pause() { if (this.playing) { this.playing = null; this.tell(); } }

    // ---- two moments, on both sides of a line ------------------------------------------------------
    async compare() {
      if (!(await this.enter("compare"))) return;
      this.ends = [Math.max(this.firstEnd, this.lastWeek - Math.max(52, this.weeks || 0)), this.lastWeek];
      this.show();
    }
    makeLine() {
      const container = this.map.getContainer(), line = (this.line = element("div", { className: "overlay-swipe", tabIndex: 0 }, element("i", {})));
      const put = (share) => { this.share = Math.max(0.02, Math.min(0.98, share)); this.layLine(); };
      line.setAttribute("role", "slider");
      line.setAttribute("aria-label", "Line between the two moments");
      L.DomEvent.disableClickPropagation(line);
      line.addEventListener("pointerdown", (event) => {
        event.stopPropagation();
        line.setPointerCapture(event.pointerId);
        const moved = (to) => put((to.clientX - container.getBoundingClientRect().left) / container.clientWidth);
        line.addEventListener("pointermove", moved);
        line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", moved), { once: true });
      });
      line.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
        if (!by) return;
        event.preventDefault(); event.stopPropagation();
        put(this.share + by);
      });
      container.append(line);
    }
    // In the middle above, between the buttons and the legend; where that is too narrow, below.
    layLabel() {
      const [label] = this.labels, map = this.map.getContainer(), frame = map.getBoundingClientRect(), legend = map.querySelector(".overlay-legend");
      const above = [...map.querySelectorAll(".leaflet-top.leaflet-left button")].map((button) => button.getBoundingClientRect()).filter((box) => box.top - frame.top < label.offsetHeight);
      const wide = map.clientWidth, half = label.offsetWidth / 2;
      const left = Math.max(...above.map((box) => box.right - frame.left)) + 8, right = legend ? legend.getBoundingClientRect().left - frame.left - 8 : wide - 8;
      const fits = right - left >= 2 * half;
      label.classList.toggle("low", !fits);
      label.style.left = `${fits ? Math.max(left + half, Math.min(right - half, wide / 2)) : wide / 2}px`;
    }
    layLine() {
      if (this.mode === "moment" && this.labels.length) this.layLabel();
      if (!this.line) return;
      const width = this.map.getSize().x, x = Math.round(this.share * width), [a, b] = this.labels;
      this.line.style.left = `${x}px`;
      this.line.setAttribute("aria-valuenow", String(Math.round(100 * this.share)));
      this.line.setAttribute("aria-valuetext", `${Math.round(100 * this.share)} % of the width`);
      a.style.left = `${Math.max(8, x - 10 - a.offsetWidth)}px`;
      b.style.left = `${Math.min(width - b.offsetWidth - 8, x + 10)}px`;
      this.sides[0].clip([0, x]);
      this.sides[1].clip([x, width]);
    }

    // ---- what is said ------------------------------------------------------------------------------
    tell() {
      const { mode, box } = this, moving = mode !== "still";
      box.dataset.mode = this.playing ? "playing" : this.waiting ? "loading" : mode;
      this.said.setAttribute("aria-live", this.playing ? "off" : "polite");
      this.playButton.querySelector("svg").innerHTML = ICONS[this.playing ? "pause" : "play"];
      this.playButton.title = this.playing ? "Pause" : "Play";
      this.playButton.setAttribute("aria-label", this.playButton.title);
      this.compareButton.setAttribute("aria-pressed", String(mode === "compare"));
      this.stopButton.disabled = !moving && !this.waiting;
      this.wholeButton.hidden = moving || this.first === undefined || !this.narrowed();
      if (this.first === undefined) return;
      this.bars.caption.textContent = this.caption();
      if (moving && this.shown) {
        const { spans, numbers } = this.shown;
        box.dataset.span = spans.map((span) => `${Overlay.isoDay(span.from)}/${Overlay.isoDay(span.until)}`).join(" ");
        this.when.textContent = spans.map((span) => Overlay.daysInWords(span.from, span.until)).join("  |  ");
        const counted = this.time.layers.map((layer, i) => (layer.days ? i : -1)).filter((i) => i >= 0);
        this.what.textContent = this.all ? incidents(numbers.map((each) => counted.reduce((sum, i) => sum + each[i], 0))) : "";
      } else {
        const [from, until] = this.period();
        delete box.dataset.span;
        this.when.textContent = Overlay.daysInWords(from, until);
        this.what.textContent = this.waiting ? "Loading ..." : this.all ? `${incidents([this.all(from, until)])} in this period` : "";
      }
    }
    fail(error) { this.what.textContent = `Not shown: ${error.message}`; this.box.dataset.mode = "failed"; }

    press(event) {
      const on = event.target, ours = this.box.contains(on) || on === document.body;
      if (event.defaultPrevented) return;  // the Escape that ended a tool or folded a ring
      if (event.key === "Escape" && (this.mode !== "still" || this.waiting)) { this.stop(); return; }
      // After a click on the map Space still plays; its arrow keys move the map.
      if (on === this.map.getContainer() && event.key === " ") { event.preventDefault(); this.toggle(); return; }
      if (!ours || on.tagName === "SELECT" || on.getAttribute("role") === "slider" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " && (on.tagName !== "BUTTON" || on === this.playButton)) { event.preventDefault(); this.toggle(); }
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) { event.preventDefault(); this.step(by); }
    }
    remove() {
      this.stop();
      this.map.off("overlay:drawn", this.shownScene).off("resize", this.layLine, this);
      document.removeEventListener("keydown", this.keyed);
      this.box.remove();
    }
  }

  /** A scene says what plays; the bar stays while scenes come and go, as long as it is the same. */
  Overlay.time = function (map, time, legend) {
    const key = JSON.stringify([time && time.layers, time && time.until, Overlay.theme.name]);
    if (map.time && map.time.key === key) { map.time.join(time, legend); return; }
    if (map.time) map.time = void map.time.remove();
    if (time) map.time = new TimeBar(map, time, key, legend);
  };
})();
