/* Symbols: a shape and a colour for each kind; with few in view the pictogram of each record and
   what is known of its place. Military ones come from milsymbol, fetched where a layer has any. */
(function () {
  "use strict";
  const Overlay = window.Overlay;
  const FEW = 90, BADGE = 9, LEGEND_ROOM = 78, MILITARY = [11, 17];  // symbols in view; pixels: radius with a pictogram, sizes of military ones
  Overlay.few = false;

  const outlines = {
    square: (c, x, y, r) => c.rect(x - r, y - r, 2 * r, 2 * r),
    diamond: (c, x, y, r) => {
      c.moveTo(x, y - r * 1.25); c.lineTo(x + r * 1.1, y); c.lineTo(x, y + r * 1.25); c.lineTo(x - r * 1.1, y); c.closePath();
    },
    triangle: (c, x, y, r) => {
      c.moveTo(x, y - r * 1.15); c.lineTo(x + r * 1.1, y + r * 0.85); c.lineTo(x - r * 1.1, y + r * 0.85); c.closePath();
    },
    cross: (c, x, y, r) => {
      [[-1, -0.4], [-0.4, -1], [0, -0.6], [0.4, -1], [1, -0.4], [0.6, 0], [1, 0.4], [0.4, 1], [0, 0.6], [-0.4, 1], [-1, 0.4], [-0.6, 0]]
        .forEach(([a, b], n) => (n ? c.lineTo(x + a * r * 1.3, y + b * r * 1.3) : c.moveTo(x + a * r * 1.3, y + b * r * 1.3)));
      c.closePath();
    },
    circle: (c, x, y, r) => { c.moveTo(x + r, y); c.arc(x, y, r, 0, 2 * Math.PI); },
    hatched: (c, x, y, r) => c.rect(x - r, y - r, 2 * r, 2 * r),
    note: (c, x, y, r) => {  // a speech bubble
      [[-0.5, 1.3], [-0.5, 0.6], [-1.2, 0.6], [-1.2, -0.9], [1.2, -0.9], [1.2, 0.6], [0.2, 0.6]].forEach(([u, v], i) => c.lineTo(x + u * r, y + v * r));
      c.closePath();
    },
  };
  const outline = (shape) => outlines[shape] || outlines.circle;

  Overlay.hatch = function (context, colour) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 7;
    const c = tile.getContext("2d");
    c.strokeStyle = colour; c.lineWidth = 1.3;
    c.beginPath(); c.moveTo(-1, 8); c.lineTo(8, -1); c.moveTo(-1, 1); c.lineTo(1, -1); c.moveTo(6, 8); c.lineTo(8, 6); c.stroke();
    return context.createPattern(tile, "repeat");
  };

  // ---- military symbols ------------------------------------------------------------------
  const drawn = new Map();
  let library = null;

  // Wait for milsymbol where one of these looks needs it.
  Overlay.military = function (looks) {
    if (window.ms || !looks.some((look) => look.q)) return Promise.resolve();
    library = library || new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = Overlay.addresses.milsymbol;
      script.onload = done;
      script.onerror = () => { library = null; failed(new Error("the military symbols do not answer")); };
      document.head.append(script);
    });
    return library;
  };

  function militarySymbol(sidc, name, size) {
    const key = [sidc, name, size, Overlay.theme.name].join("|");
    if (!drawn.has(key)) {
      const dark = Overlay.theme.name === "dark", control = sidc.slice(4, 6) === "25";
      const symbol = new ms.Symbol(sidc, {
        size, uniqueDesignation: name, infoSize: 62, infoColor: Overlay.theme.ink, infoOutlineColor: Overlay.theme.halo, infoOutlineWidth: 3,
        ...(dark && control ? { monoColor: Overlay.theme.ink } : {}),
      });
      drawn.set(key, { image: symbol.asCanvas(2), anchor: symbol.getAnchor(), size: symbol.getSize() });
    }
    return drawn.get(key);
  }

  // ---- colour: a token of the theme or a colour of its own; what is stale goes towards grey -----
  const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const greyed = (hex) => {
    const grey = parts(Overlay.theme.muted);
    return `#${parts(hex).map((part, i) => Math.round(0.35 * part + 0.65 * grey[i]).toString(16).padStart(2, "0")).join("")}`;
  };
  Overlay.colour = function (spec, named) {
    const t = Overlay.theme, colour = (named && (t[named] || named)) || t[spec.token] || spec.token;
    return spec.stale && !/^#/.test(named || "") ? greyed(colour) : colour;  // a colour that stands for a figure stays
  };

  // ---- one symbol --------------------------------------------------------------------------
  // How far a symbol reaches from its place, pixels.
  Overlay.reach = (look, few = Overlay.few) => (few && (look.g || look.q) ? Math.max(look.r || 5, BADGE) : look.r || 5);

  /* Draw a symbol of a look and a layer (`spec`); `around` is the radius in pixels of where it may lie.
     What is not known to the point is never drawn as a sharp one: paler, with a broken edge. */
  Overlay.paint = function (c, x, y, look, spec, around = 0, few = Overlay.few) {
    const t = Overlay.theme, colour = Overlay.colour(spec, look.c);
    const shape = look.s || spec.shape, r = Overlay.reach(look, few), unsure = look.u !== undefined;
    c.save();
    if (around > r + 3 && around < 2000) {
      c.beginPath(); c.arc(x, y, around, 0, 2 * Math.PI);
      c.globalAlpha = 0.08; c.fillStyle = colour; c.fill();
      c.globalAlpha = 0.5; c.setLineDash([3, 4]); c.lineWidth = 1; c.strokeStyle = colour; c.stroke();
      c.setLineDash([]);
    }
    if (look.q && window.ms) {
      const { image, anchor, size } = militarySymbol(look.q, few ? look.n || "" : "", MILITARY[few ? 1 : 0]);
      c.globalAlpha = spec.stale ? 0.55 : unsure && few ? 0.75 : 1;
      c.drawImage(image, x - anchor.x, y - anchor.y, size.width, size.height);
      c.restore();
      return;
    }
    const badge = few && look.g, round = shape === "circle" || shape === "hollow", hatched = shape === "hatched" && !badge;
    if (few && look.h > r) {
      c.beginPath(); outline(shape)(c, x, y, look.h);
      c.globalAlpha = 0.7; c.lineWidth = 1; c.strokeStyle = colour; c.stroke();
    }
    c.beginPath();
    outline(shape)(c, x, y, r);
    const classed = /^#/.test(look.c || "");  // a colour that stands for a figure: drawn in full, with an edge that pale ones need
    c.globalAlpha = shape === "hollow" ? 0 : unsure ? 0.3 : round && !badge && !classed ? 0.45 : 0.9;
    c.fillStyle = hatched ? Overlay.hatch(c, colour) : colour;
    c.fill();
    c.globalAlpha = 1;
    c.lineWidth = unsure || round || hatched ? 1.4 : 0.8;
    if (unsure) c.setLineDash([2.5, 2]);
    c.strokeStyle = classed ? t.muted : unsure || round || hatched ? colour : t.halo;
    c.stroke();
    if (badge && Overlay.glyphs[look.g]) {
      const scale = (shape === "triangle" ? 0.95 : 1.3) * r / 15;
      c.translate(x - 7.5 * scale, y - 7.5 * scale + (shape === "triangle" ? r * 0.22 : 0));
      c.scale(scale, scale);
      c.fillStyle = unsure || classed ? t.ink : t.halo;
      Overlay.glyphs[look.g].forEach((path) => c.fill(new Path2D(path)));
    }
    c.restore();
  };

  // ---- few in view: symbols may be larger ----------------------------------------------------
  Overlay.countInView = function (map) {
    const count = () => {
      const view = map.getBounds(), markers = [];
      map.eachLayer((layer) => { if (layer.options && layer.options.look) markers.push(layer); });
      if (!markers.length) return;
      const number = markers.filter((marker) => view.contains(marker.getLatLng())).length, few = number <= FEW;
      map.getContainer().dataset.few = String(few);
      if (few === Overlay.few) return;
      Overlay.few = few;
      markers.forEach((marker) => marker.redraw());
    };
    map.on("moveend overlay:drawn", count);
  };

  // ---- legend --------------------------------------------------------------------------------
  // A symbol as the map draws it, for a line of the legend.
  function swatch(item) {
    const look = item.look || {}, colour = Overlay.colour(item, look.c), box = document.createElement("canvas");
    const side = 18, ratio = Math.max(window.devicePixelRatio || 1, 2), c = box.getContext("2d");
    box.width = box.height = side * ratio;
    box.style.width = box.style.height = `${side}px`;
    box.setAttribute("aria-hidden", "true");
    c.scale(ratio, ratio);
    const paths = {
      flow: () => { c.moveTo(1, 9); c.lineTo(2, 15); c.lineTo(16, 4); c.closePath(); c.globalAlpha = 0.7; c.fillStyle = colour; c.fill(); },
      line: () => { c.moveTo(1, 12); c.lineTo(16, 6); c.lineWidth = 3; c.setLineDash(look.d ? look.d.split(" ").map((part) => part / 2) : []); c.strokeStyle = colour; c.stroke(); },
      outline: () => { c.rect(3, 3, 12, 12); c.lineWidth = 1; c.strokeStyle = colour; c.stroke(); },
      gap: () => { c.rect(3, 3, 12, 12); c.setLineDash([3, 2]); c.strokeStyle = colour; c.stroke(); c.globalAlpha = 0.2; c.fillStyle = colour; c.fill(); },
      picture: () => { c.rect(2, 3, 14, 11); c.lineWidth = 1.4; c.strokeStyle = colour; c.stroke(); c.beginPath(); c.moveTo(3, 13); c.lineTo(7, 8); c.lineTo(10, 11); c.lineTo(12, 9); c.lineTo(15, 13); c.fillStyle = colour; c.fill(); },
      hexagon: () => { for (let n = 0; n < 6; n += 1) c.lineTo(9 + 7 * Math.cos((n * Math.PI) / 3 - Math.PI / 6), 9 + 7 * Math.sin((n * Math.PI) / 3 - Math.PI / 6)); c.closePath(); c.fillStyle = colour; c.fill(); },
      flagged: () => { c.arc(9, 9, 6.5, 0, 2 * Math.PI); c.lineWidth = 3; c.strokeStyle = colour; c.stroke(); },
      ring: () => { c.arc(9, 9, 6.5, 0, 2 * Math.PI); c.lineWidth = 1.5; c.strokeStyle = colour; c.stroke(); c.globalAlpha = 0.16; c.fillStyle = colour; c.fill(); },
    };
    if (look.q) {
      Overlay.military([look]).then(() => {
        const { image, size } = militarySymbol(look.q, "", 11), fit = Math.min(1, 17 / Math.max(size.width, size.height));
        c.drawImage(image, 9 - (size.width * fit) / 2, 9 - (size.height * fit) / 2, size.width * fit, size.height * fit);
      }, () => {});
    } else if (paths[item.shape]) { c.beginPath(); paths[item.shape](); } else {
      Overlay.paint(c, 9, 9, { r: look.g ? 8 : 5.5, ...look }, item, 0, Boolean(look.g));
    }
    return box;
  }

  const folded = new Map();  // which lines were opened or closed by hand, as long as the page is open
  const Legend = L.Control.extend({
    options: { position: "topright" },
    initialize(items, scale) { this.items = items; this.scale = scale; },
    onAdd(map) {
      const box = L.DomUtil.create("div", "overlay-legend");
      box.style.maxHeight = `${Math.max(map.getSize().y - LEGEND_ROOM, 80)}px`;
      this.fill(box, this.items);
      box.style.maxHeight = `${Math.max(map.getSize().y - LEGEND_ROOM, 80)}px`;
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    },
    fill(box, items) {
      this.counts = new Map();
      box.replaceChildren(...items.map((item) => (item.lines.length ? this.foldable(item) : this.row(item))));
      if (this.scale) {
        const scale = L.DomUtil.create("div", "scale", box);
        const cells = this.scale.steps.map((s) => `<div class="step"><i style="background:${Overlay.theme[s.token] || s.token}"></i>${s.label}</div>`);
        scale.innerHTML = `<div>${this.scale.label}</div>${cells.join("")}`;
      }
    },
    /** While time plays: the line of each layer that does, by its name; null for the filtered picture again. */
    play(lines) { this.fill(this.getContainer(), this.items.map((item) => (lines && lines.get(item.layer)) || item)); },
    tell(item, count) { if (this.counts.has(item)) this.counts.get(item).data = ` (${count})`; },
    row(item) {
      const row = L.DomUtil.create("div", "row"), text = document.createElement("span"), count = document.createTextNode("");
      text.innerHTML = item.label + (item.note ? `<small>${item.note}</small>` : "");
      text.insertBefore(count, item.note ? text.lastChild : null);
      this.counts.set(item, count);
      row.append(swatch(item), text);
      return row;
    },
    foldable(item) {
      const parts = document.createElement("details"), head = document.createElement("summary"), name = item.layer || item.shape + item.token;
      parts.open = folded.get(name) || false;
      parts.addEventListener("toggle", () => folded.set(name, parts.open));
      head.append(this.row(item));
      parts.append(head, ...item.lines.map((line) => this.row(line)));
      return parts;
    },
  });
  Overlay.legend = (items, scale) => new Legend(items, scale);
})();
