/* Several symbols on one spot: a click spreads them in rings around it, a line from each to its
   true place, and each can be chosen. Any other click, a zoom or Esc folds them again. */
(function () {
  "use strict";
  const Overlay = window.Overlay;
  const SPOT = 8, REACH = 4, FIRST = 30, APART = 22, MOST = 60, DEEPEST = 18;  // pixels; symbols; zoom

  // ---- what stands where: {at, look, spec}, and {layer} of single features or {group, row} of tiles --
  function symbols(map) {
    const found = [];
    map.eachLayer((layer) => {
      if (layer.tiles && layer.record) found.push(...ofTiles(map, layer));
      else if (layer.there !== false && layer.getLatLng && layer.feature && layer.feature.properties.id && layer.options.look) {
        found.push({ at: layer.getLatLng(), layer, look: layer.options.look, spec: layer.options.spec });
      }
    });
    return found;
  }

  function ofTiles(map, group) {
    const zoom = group.tiles._tileZoom, size = group.tiles.getTileSize(), found = [];
    group.tiles.points.forEach((points, key) => {
      const [x, y, z] = key.split(":").map(Number);
      if (z !== zoom) return;
      points.filter((p) => p.row !== undefined).forEach((p) => {
        found.push({ at: map.unproject([x * size.x + p.x, y * size.y + p.y], zoom), group, row: p.row, look: group.looks[p.m] || {}, spec: group.spec });
      });
    });
    return found;
  }

  // The symbols within a few pixels of the one that was hit; none where it stands alone.
  function together(map, point) {
    const all = symbols(map).map((s) => ({ ...s, xy: map.latLngToContainerPoint(s.at) }));
    const hit = all.filter((s) => s.xy.distanceTo(point) <= Overlay.reach(s.look) + REACH)
      .sort((a, b) => a.xy.distanceTo(point) - b.xy.distanceTo(point))[0];
    const near = hit ? all.filter((s) => s.xy.distanceTo(hit.xy) <= SPOT) : [];
    return near.length > 1 ? near : [];
  }

  // Pixel offsets on rings, from the top, clockwise.
  function offsets(number) {
    const places = [];
    for (let ring = 0; places.length < number; ring += 1) {
      const radius = FIRST + ring * APART, room = Math.floor((2 * Math.PI * radius) / APART);
      const here = Math.min(room, number - places.length);
      for (let i = 0; i < here; i += 1) {
        const turn = (2 * Math.PI * i) / here;
        places.push([radius * Math.sin(turn), -radius * Math.cos(turn)]);
      }
    }
    return places;
  }

  class Spread {
    constructor(map, near) {
      this.map = map;
      if (!map.getPane("spread")) map.createPane("spread").style.zIndex = 630;
      this.canvas = L.canvas({ pane: "spread", tolerance: 4 });
      this.group = L.layerGroup().addTo(map);
      const shown = near.slice(0, MOST), places = offsets(shown.length), t = Overlay.theme;
      const middle = near[0].xy, put = ([x, y]) => map.containerPointToLatLng([middle.x + x, middle.y + y]);
      const plain = { renderer: this.canvas, interactive: false };
      const reach = Math.hypot(...places[places.length - 1]) + 14;
      L.circleMarker(near[0].at, { ...plain, radius: reach, fillColor: t.panel, fillOpacity: 0.9, color: t.line, weight: 1 }).addTo(this.group);
      shown.forEach((s, i) => L.polyline([s.at, put(places[i])], { ...plain, color: t.muted, weight: 1 }).addTo(this.group));
      this.items = shown.map((s, i) => this.item(s, put(places[i])));
      if (near.length > MOST) this.items[0].bindTooltip(`${MOST} of ${near.length.toLocaleString("en-GB")} here`, { permanent: true, direction: "top" });
      map.getContainer().dataset.spread = String(shown.length);
      map.once("zoomstart", this.end, this);
    }

    item(s, at) {
      // It stands beside its place: as unsure as ever, but with no circle of where it may lie.
      const look = s.look.u === undefined ? s.look : { ...s.look, u: -1 };
      const item = new Overlay.SymbolMarker(at, { look, spec: s.spec, radius: Overlay.reach(look), renderer: this.canvas, pane: "spread" });
      const told = s.layer ? Promise.resolve(s.layer.feature.properties) : null;
      const record = () => told || s.group.record(s.row);
      item.on("click", () => record().then((p) => { this.end(); Overlay.choose(this.map, p.layer, p.id, s.at); }).catch(() => this.end()));
      item.on("mouseover", () => record().then((p) => {
        const box = document.createElement("div");
        box.innerHTML = p.t || "";
        item.bindTooltip(box, { className: "overlay-tip", direction: "top", offset: [0, -8] }).openTooltip();
      }).catch(() => {}));
      item.spreads = s.layer ? s.layer.feature.properties : { row: s.row };
      return item.addTo(this.group);
    }

    hits(event) { return this.items.some((item) => item._containsPoint(this.map.mouseEventToLayerPoint(event))); }

    end() {
      this.map.off("zoomstart", this.end, this);
      this.group.remove();
      this.canvas.remove();
      delete this.map.getContainer().dataset.spread;
      if (this.map.spread === this) this.map.spread = null;
    }
  }

  /** Let clicks on a map spread what lies on one spot. */
  Overlay.spreads = function (map) {
    const box = map.getContainer();
    box.addEventListener("click", (event) => {
      if (map.tools.tool || event.target.closest(".leaflet-control, .leaflet-marker-icon") || map.dragging.moved()) return;
      const open = map.spread;
      if (open && open.hits(event)) return;
      if (open) open.end();
      const near = together(map, map.mouseEventToContainerPoint(event));
      if (!near.length) {
        // The ring's canvas lay above the map's own: hand it the click that folded the ring.
        if (open) { event.stopImmediatePropagation(); Overlay.renderer._container.dispatchEvent(new MouseEvent("click", event)); }
        return;
      }
      event.stopImmediatePropagation();
      if (near.length > MOST && map.getZoom() < DEEPEST) map.setView(near[0].at, Math.min(map.getZoom() + 2, DEEPEST));
      else map.spread = new Spread(map, near);
    }, true);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && map.spread && !event.defaultPrevented) { event.preventDefault(); map.spread.end(); } });
  };
})();
