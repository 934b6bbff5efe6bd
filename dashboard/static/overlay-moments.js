/* What was on the map at a time: records by their days, or cells by their weeks where there are
   too many. One `Side` draws one window of days in a pane of its own; two are compared. */
(function () {
  "use strict";
  const Overlay = window.Overlay, MONDAY = 3, NOWHERE = 0xFFFFFFFF, SHADES = 64;
  const TYPES = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array };
  const weekOf = (day) => Math.floor((day + MONDAY) / 7);

  // ---- numbers from the server: dashboard/in_time.py, `pack` -------------------------------
  Overlay.numbers = async function (address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 200));
    const bytes = await answer.arrayBuffer(), size = new DataView(bytes).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, size)));
    let at = 4 + size;
    header.arrays.forEach(([name, type, length]) => {
      at += (8 - (at % 8)) % 8;
      header[name] = new TYPES[type](bytes, at, length);
      at += header[name].byteLength;
    });
    return header;
  };

  // Days between which a record must be there to be drawn, of a window from..until whose last step begins on `step`.
  const asked = (how, span) => [how === "happens" ? span.from : how === "spans" ? Math.max(span.step, span.from) : span.until, span.until];

  // ---- few: every record a feature of its own, drawn or passed over ---------------------------
  const paths = (layer) => (layer.eachLayer ? layer.getLayers().flatMap(paths) : [layer]);

  class Records {
    constructor(spec, times, features, renderer) {
      this.how = spec.how;
      this.times = times;
      features.features.forEach((feature, i) => { feature.order = i; });
      this.group = Overlay.toLayer(spec.drawn, features, renderer);
      this.paths = [];
      this.group.eachLayer((layer) => { this.paths[layer.feature.order] = paths(layer); });
      this.paths.flat().forEach((path) => {
        const update = path._updatePath, contains = path._containsPoint;
        path._updatePath = function () { if (this.there) update.call(this); };
        path._containsPoint = function (...point) { return this.there && contains.apply(this, point); };
      });
    }
    show(span) {
      const { first, last, placed, part } = this.times, [from, until] = asked(this.how, span);
      let number = 0, k = 0;
      this.parts = {};
      for (let i = 0; i < first.length; i += 1) {
        const there = first[i] <= until && last[i] >= from;
        number += there;
        if (there) this.parts[part[i] - 1] = (this.parts[part[i] - 1] || 0) + 1;
        if (placed[i]) { this.paths[k].forEach((path) => { path.there = there; }); k += 1; }
      }
      return number;
    }
  }

  // ---- many: sums by cell, painted as pixels ---------------------------------------------------
  // The same squares as those of the tiles of this zoom, with the same shades.
  const Cells = L.Layer.extend({
    initialize(spec, data, pane) { this.spec = spec; this.how = spec.how; this.data = data; this.options = { pane }; this.sums = new Int32Array(data.columns.length); },
    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "overlay-cells leaflet-zoom-hide", this.getPane());
      map.on("zoomend resize", this.group, this).on("moveend", this.paint, this);
      this.group();
    },
    onRemove(map) { map.off("zoomend resize", this.group, this).off("moveend", this.paint, this); this.canvas.remove(); },
    // Cells of one square of the screen, which are neighbours in the order they come in.
    group() {
      const { level, columns, rows } = this.data, zoom = this._map.getZoom();
      const shift = level - Math.min(level, Math.floor(zoom) + 6);
      this.side = (256 * 2 ** zoom) / 2 ** (level - shift);
      this.of = new Uint32Array(columns.length);
      this.column = []; this.row = [];
      let found = -1, x = -1, y = -1;
      for (let i = 1; i < columns.length; i += 1) {
        const column = columns[i] >>> shift, row = rows[i] >>> shift;
        if (column !== x || row !== y) { found += 1; x = column; y = row; this.column.push(x); this.row.push(y); }
        this.of[i] = found;
      }
      this.squares = new Uint32Array(found + 1);
      this.paint();
    },
    show(span) {
      const { data, sums } = this, [from, until] = asked(this.how, span), a = weekOf(from) - data.first_week, b = weekOf(until) - data.first_week;
      const add = (starts, cell, n, first, last, sign) => {
        const weeks = starts.length - 1;
        for (let e = starts[Math.max(0, Math.min(first, weeks))], end = starts[Math.max(0, Math.min(last + 1, weeks))]; e < end; e += 1) sums[cell[e]] += sign * n[e];
      };
      sums.fill(0);
      const brief = !data.gone_from.length;
      add(data.came_from, data.came_cell, data.came_n, brief ? a : 0, b, 1);
      if (!brief) add(data.gone_from, data.gone_cell, data.gone_n, 0, a, -1);
      this.paint();
      return sums.reduce((all, n) => all + n, 0);
    },
    paint() {
      const map = this._map, { x: width, y: height } = map.getSize(), { canvas, squares, sums, of, side } = this;
      if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; this.image = null; }
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      const context = canvas.getContext("2d");
      this.image = this.image || context.createImageData(width, height);
      const pixels = new Uint32Array(this.image.data.buffer), shades = this.shades(), corner = map.project(map.containerPointToLatLng([0, 0]));
      pixels.fill(0);
      squares.fill(0);
      for (let i = 1; i < sums.length; i += 1) squares[of[i]] += sums[i];
      for (let g = 0; g < squares.length; g += 1) {
        const n = squares[g];
        if (!n) continue;
        const x = this.column[g] * side - corner.x, y = this.row[g] * side - corner.y;
        if (x + side < 0 || y + side < 0 || x > width || y > height) continue;
        const shade = shades[Math.min(SHADES - 1, Math.floor(Math.log10(n) * 16))];
        const left = Math.max(0, Math.round(x)), right = Math.min(width, Math.round(x + side)), end = Math.min(height, Math.round(y + side));
        for (let line = Math.max(0, Math.round(y)); line < end; line += 1) pixels.fill(shade, line * width + left, line * width + right);
      }
      context.putImageData(this.image, 0, 0);
    },
    shades() {
      const hex = Overlay.colour(this.spec.drawn), [red, green, blue] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
      return Uint32Array.from({ length: SHADES }, (_, i) => {
        const alpha = Math.round(255 * Math.min(0.36 + (0.2 * i) / 16, 0.95));
        return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
      });
    },
  });

  // ---- one window of days, drawn ---------------------------------------------------------------
  // Fetched once for all that is drawn from it: [spec, times, features] of each layer.
  Overlay.fetchPlayed = (specs) => Promise.all(specs.map(async (spec) => {
    const features = spec.drawn.url ? fetch(spec.drawn.url).then(async (answer) => {
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 200));
      return answer.text();
    }) : null;
    const text = await features;
    if (text) await Overlay.military(JSON.parse(text).looks || []);
    return [spec, await Overlay.numbers(spec.times), text];
  }));

  class Side {
    constructor(map, name, played) {
      this.map = map;
      const pane = `time-${name}`;
      this.pane = map.getPane(pane) || map.createPane(pane);
      this.pane.style.zIndex = 400;
      this.pane.hidden = false;
      this.group = L.layerGroup().addTo(map);
      const cells = played.filter(([, times]) => times.form === "cells").map(([spec, times]) => new Cells(spec, times, pane));
      cells.forEach((layer) => this.group.addLayer(layer));
      this.renderer = Overlay.canvas({ pane, padding: 0.3, tolerance: 4 }).addTo(map);
      this.layers = played.map(([spec, times, features]) => {
        if (times.form === "cells") return cells.find((layer) => layer.spec === spec);
        const records = new Records(spec, times, JSON.parse(features), this.renderer);
        records.group.on("click", (event) => {
          const told = event.sourceTarget.feature;
          if (told) Overlay.choose(map, told.properties.layer, told.properties.id, event.latlng);
        });
        this.group.addLayer(records.group);
        return records;
      });
      this.clipped = () => this.clip(this.between);
      map.on("move resize zoomend", this.clipped);
    }
    /** Draw a window of days; how many records of each layer are in it, and of each class or symbol (`parts`). */
    show(span) {
      const numbers = this.layers.map((layer) => layer.show(span));
      this.renderer._redrawBounds = null;
      this.renderer._redraw();
      return numbers;
    }
    /** Draw only between two places of the map's width, in pixels. */
    clip(between) {
      this.between = between;
      if (!between) { this.pane.style.clipPath = ""; return; }
      const corner = this.map.containerPointToLayerPoint([0, 0]), height = this.map.getSize().y, [left, right] = between.map((x) => x + corner.x);
      this.pane.style.clipPath = `polygon(${left}px ${corner.y}px, ${right}px ${corner.y}px, ${right}px ${corner.y + height}px, ${left}px ${corner.y + height}px)`;
    }
    remove() {
      this.map.off("move resize zoomend", this.clipped);
      this.group.remove();
      this.renderer.remove();
      this.clip(null);
    }
  }
  Overlay.Side = Side;
  Overlay.weekOf = weekOf;
})();
