/* Draws Overlay's layers on a Leaflet canvas: symbols with a shape and a colour, hatched
   areas, labels that give way, a legend of what is drawn. Text arrives already made safe. */
(function () {
  "use strict";
  const Overlay = window.Overlay;

  // ---- lines and areas on canvas ---------------------------------------------------------
  // A line that is as wide as its weight where it starts and narrow where it ends.
  function taper() {
    const renderer = this._renderer, points = this._rings[0] || [];
    if (!renderer._drawing || points.length < 2) return;
    const c = renderer._ctx, last = points.length - 1, sides = [[], []];
    points.forEach((p, i) => {
      const a = points[Math.max(i - 1, 0)], b = points[Math.min(i + 1, last)];
      const length = Math.hypot(b.x - a.x, b.y - a.y) || 1, half = (this.options.weight / 2) * (1 - i / last) + 0.4;
      const x = (-(b.y - a.y) / length) * half, y = ((b.x - a.x) / length) * half;
      sides[0].push([p.x + x, p.y + y]); sides[1].unshift([p.x - x, p.y - y]);
    });
    c.beginPath();
    sides.flat().forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.closePath();
    c.globalAlpha = this.options.opacity; c.fillStyle = this.options.color; c.fill(); c.globalAlpha = 1;
  }

  // A symbol of overlay-symbols.js. With few in view it is larger, to be read and to be hit.
  const SymbolMarker = L.CircleMarker.extend({
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing || this._empty()) return;
      Overlay.paint(renderer._ctx, this._point.x, this._point.y, this.options.look, this.options.spec, this.around());
    },
    _updateBounds() {
      this._radius = Overlay.reach(this.options.look);
      const r = Math.max(this._radius + this._clickTolerance(), this.around());
      this._pxBounds = new L.Bounds(this._point.subtract([r, r]), this._point.add([r, r]));
    },
    // Pixels within which the record may lie, where that can be seen.
    around() {
      const metres = this.options.look.u;
      if (!(metres > 0) || !Overlay.few) return 0;
      const span = 40075016.7 * Math.cos((this._latlng.lat * Math.PI) / 180), world = 256 * 2 ** this._map.getZoom();
      return (metres / span) * world;
    },
  });

  Overlay.SymbolMarker = SymbolMarker;

  const HatchCanvas = L.Canvas.extend({
    _fillStroke(c, layer) {
      const o = layer.options;
      if (o.hatch && o.fill) {
        c.save(); c.globalAlpha = o.fillOpacity; c.fillStyle = Overlay.hatch(c, o.hatch); c.fill("evenodd"); c.restore();
      }
      if (o.hatch) { const fill = o.fill; o.fill = false; L.Canvas.prototype._fillStroke.call(this, c, layer); o.fill = fill; return; }
      L.Canvas.prototype._fillStroke.call(this, c, layer);
    },
  });

  // ---- pictures of the ground: above the base, below every symbol -----------------------
  const SMALLEST_PICTURE = 16;  // pixels: what is smaller on the screen is not fetched

  const Pictures = L.LayerGroup.extend({
    initialize(address, features) {
      L.LayerGroup.prototype.initialize.call(this);
      this.items = features.filter((feature) => feature.properties.b).map((feature) => {
        const [west, south, east, north] = feature.properties.b;
        const url = `${address}&id=${encodeURIComponent(feature.properties.id)}`;
        const item = L.imageOverlay(url, [[south, west], [north, east]], { pane: "pictures", alt: "" });
        item.on("error", () => { if (this._map && !this.notice) this.notice = new Notice("A picture could not be drawn. Reload the page.").addTo(this._map); });
        return item;
      });
    },
    onAdd(map) { map.on("moveend", this.inView, this); this.inView(); L.LayerGroup.prototype.onAdd.call(this, map); },
    onRemove(map) {
      map.off("moveend", this.inView, this);
      if (this.notice) this.notice = void this.notice.remove();
      L.LayerGroup.prototype.onRemove.call(this, map);
    },
    inView() {
      const map = this._map, view = map.getBounds();
      this.items.forEach((item) => {
        const box = item.getBounds();
        const size = map.project(box.getSouthEast()).subtract(map.project(box.getNorthWest()));
        if (view.intersects(box) && Math.max(size.x, size.y) >= SMALLEST_PICTURE) this.addLayer(item);
      });
    },
    setOpacity(opacity) { this.items.forEach((item) => item.setOpacity(opacity)); },
  });

  // ---- one file of features ----------------------------------------------------------
  function pathStyle(spec, properties) {
    const t = Overlay.theme, colour = Overlay.colour(spec, properties.c);
    switch (spec.shape) {
      case "land": return { fillColor: t.land, fillOpacity: 1, color: t.admin, weight: 0.8, interactive: false };
      case "picture": return { fill: false, color: colour, weight: 1.6 };
      case "outline": return { fill: spec.fill, fillColor: t.land, fillOpacity: 1, color: t.admin, weight: spec.weight || 1, interactive: false };
      case "ring": return {
        fillColor: colour, fillOpacity: 0.22, smoothFactor: 0.2, interactive: false,
        color: properties.f === "red" ? t.risk_4 : colour, weight: properties.f ? 3.2 : 1.6, dashArray: properties.f === "amber" ? "6 5" : null,
      };
      case "hexagon": return { fillColor: colour, fillOpacity: 0.8, color: t.halo, weight: 0.6 };
      case "gap": return { fillColor: colour, fillOpacity: 0.1, color: colour, weight: 1, dashArray: "4 4", interactive: false };
      case "flow": return { fill: false, color: colour, weight: properties.w || 2, opacity: 0.6, noClip: true, smoothFactor: 0 };
      case "line": return { fill: false, color: colour, weight: properties.w || (properties.d ? 3 : 2), opacity: properties.d ? 0.95 : 0.75, dashArray: properties.d || null };
      default: return { fillColor: colour, color: colour, weight: 1.6, fillOpacity: 0.9, hatch: spec.shape === "hatched" ? colour : null };
    }
  }

  const symbol = (spec, look, latlng, renderer) => new SymbolMarker(latlng, { renderer, look, spec, radius: Overlay.reach(look) });

  function toLayer(spec, data, renderer) {
    const looks = data.looks || [], look = (feature) => ({ ...looks[feature.properties.m], ...feature.properties });
    const group = L.geoJSON(data, {
      renderer,
      interactive: spec.interactive !== false,
      style: (feature) => (/Point$/.test(feature.geometry.type) ? {} : { renderer, ...pathStyle(spec, look(feature)) }),
      pointToLayer: (feature, latlng) => symbol(spec, look(feature), latlng, renderer),
    });
    group.looks = looks;
    if (spec.shape === "flow") group.eachLayer((layer) => { layer._updatePath = taper; });
    if (spec.pictures) {
      group.pictures = new Pictures(spec.pictures, data.features);
      // The outline is what is clicked, so that the map can be moved by what lies within.
      group.eachLayer((layer) => { layer._containsPoint = (p) => L.Polyline.prototype._containsPoint.call(layer, p, true); });
    }
    if (spec.interactive !== false) {
      group.bindTooltip((layer) => {
        const box = document.createElement("div");
        box.innerHTML = layer.feature ? layer.feature.properties.t || "" : "";
        return box;
      }, { sticky: true, className: "overlay-tip" });
    }
    return group;
  }

  async function fetchLayer(spec, renderer) {
    const key = JSON.stringify([spec.url, spec.shape, spec.token, spec.fill, spec.ground, spec.stale, Overlay.theme.name]);
    if (!Overlay.files.has(key)) {
      if (Overlay.files.size > 40) Overlay.files.delete(Overlay.files.keys().next().value);
      Overlay.files.set(key, (async () => {
        const answer = await fetch(spec.url).catch(() => { throw new Error("the server does not answer. Reload the page."); });
        if (!answer.ok) throw new Error((await answer.text()).slice(0, 200));
        const data = await answer.json();
        await Overlay.military(data.looks || []);
        return toLayer(spec, data, spec.ground ? Overlay.ground : renderer);
      })());
    }
    try {
      return await Overlay.files.get(key);
    } catch (error) {
      Overlay.files.delete(key);
      throw error;
    }
  }

  // ---- labels that give way ------------------------------------------------------------
  const Labels = L.LayerGroup.extend({
    initialize(items) { L.LayerGroup.prototype.initialize.call(this); this.items = items; },
    onAdd(map) {
      this.markers = this.items.map((item) => {
        const icon = L.divIcon({ className: "overlay-label " + item.kind, html: "<span>" + item.text + "</span>", iconSize: [0, 0] });
        return L.marker([item.lat, item.lon], { icon, interactive: false, keyboard: false }).addTo(map);
      });
      this.place = () => this.giveWay(map);
      map.on("zoomend moveend", this.place);
      this.place();
    },
    onRemove(map) { map.off("zoomend moveend", this.place); this.markers.forEach((m) => m.remove()); },
    giveWay(map) {
      const taken = [...map.getContainer().querySelectorAll(".overlay-legend, .leaflet-control")].map((box) => box.getBoundingClientRect());
      this.markers.forEach((marker) => {
        const span = marker.getElement().firstChild;
        span.style.visibility = "visible";
        const box = span.getBoundingClientRect();
        const clash = taken.some((b) => box.left < b.right + 4 && box.right > b.left - 4 && box.top < b.bottom + 2 && box.bottom > b.top - 2);
        if (clash) span.style.visibility = "hidden"; else taken.push(box);
      });
    },
  });

  const Notice = L.Control.extend({
    options: { position: "bottomleft" },
    initialize(text) { this.text = text; },
    onAdd() {
      const box = L.DomUtil.create("div", "overlay-notice");
      box.setAttribute("role", "alert");
      box.textContent = this.text;
      return box;
    },
  });

  // ---- a pin that can be dragged: where something is assumed to lie -----------------------
  function pinOf(pin) {
    const icon = L.divIcon({ className: "overlay-pin" + (pin.moved ? " moved" : ""), html: '<span aria-hidden="true"></span>', iconSize: [26, 26], iconAnchor: [13, 24] });
    const marker = L.marker([pin.lat, pin.lon], { icon, draggable: true, autoPan: true, keyboard: true, alt: "Drag to try another place" });
    const box = document.createElement("div");
    box.innerHTML = pin.label;
    marker.bindTooltip(box, { className: "overlay-tip", direction: "top", offset: [0, -22] });
    marker.feature = { type: "Feature", properties: { layer: pin.layer, id: pin.id, dragged: true } };
    // streamlit-folium hands what was drawn to the page: a drag is told in the same way.
    marker.on("dragend", () => marker._map.fire("draw:created", { layer: marker, layerType: "marker" }));
    return marker;
  }

  // ---- entry: one group that holds all that is drawn -------------------------------------
  Overlay.prepare = function (map, theme, addresses, below) {
    Overlay.theme = theme;
    Overlay.addresses = addresses;
    map.getContainer().style.background = theme.sea;
    map.getContainer().classList.toggle("dark", theme.name === "dark");
    map.attributionControl.setPrefix(false);
    // Focus must not scroll the page between press and release: the click would land elsewhere.
    const box = map.getContainer(), focus = box.focus.bind(box);
    box.focus = () => focus({ preventScroll: true });
    if (below) { box.style.height = `${box.offsetHeight - below}px`; map.invalidateSize({ pan: false }); }
    map.createPane("ground").style.zIndex = 350;
    map.createPane("base").style.zIndex = 360;
    map.createPane("pictures").style.zIndex = 370;
    Overlay.ground = new HatchCanvas({ padding: 0.3, pane: "ground" });
    map.addLayer(Overlay.ground);
    Overlay.renderer = new HatchCanvas({ padding: 0.3, tolerance: 4 });
    map.addLayer(Overlay.renderer);
    L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
    const north = L.control({ position: "bottomleft" });
    north.onAdd = () => { const n = L.DomUtil.create("div", "overlay-north"); n.textContent = "N ↑"; return n; };
    north.addTo(map);
    Overlay.tools(map);
    Overlay.spreads(map);
    Overlay.views(map);
    Overlay.countInView(map);
  };

  const still = (spec) => spec.ground || spec.shape === "outline" || spec.name === "notes";
  const PATIENCE = 15000;  // milliseconds
  const Scene = L.FeatureGroup.extend({
    initialize(scene) { L.FeatureGroup.prototype.initialize.call(this, []); this.scene = scene; },
    onAdd(map) {
      L.FeatureGroup.prototype.onAdd.call(this, map);
      const turn = (this.turn = ++Overlay.shown), scene = this.scene;
      this.legend = Overlay.legend(scene.legend, scene.scale).addTo(map);
      this.labels = new Labels(scene.labels || []);
      map.getContainer().dataset.state = "loading";
      this.waiting = setTimeout(() => { this.notice = new Notice("Not all is drawn yet: the server has not answered.").addTo(map); }, PATIENCE);
      Overlay.base(map, scene.base);
      Overlay.find(map, scene.find);
      map.sheet = scene.sheet;
      Overlay.time(map, scene.time, this.legend);
      Overlay.sketches(map, scene, this);
      Promise.allSettled(scene.layers.map((spec) => fetchLayer(spec, Overlay.renderer))).then((answers) => {
        if (turn !== Overlay.shown || !this._map) return;
        let drawn = 0;
        const failed = [];
        this.pictures = answers.map((answer) => answer.value && answer.value.pictures).filter(Boolean);
        const tiled = [];
        answers.forEach((answer, i) => {
          if (answer.status === "rejected") { failed.push(`${scene.layers[i].name}: ${answer.reason.message}`); return; }
          this.addLayer(answer.value);
          if (scene.layers[i].tiles) tiled.push(Overlay.tiled(scene.layers[i], answer.value.looks));
          if (answer.value.pictures) answer.value.pictures.addTo(map).setOpacity(scene.layers[i].opacity);
          answer.value.eachLayer((layer) => {
            drawn += 1;
            if (layer.bringToFront) layer.bringToFront();
            if (scene.selected && layer.feature && layer.feature.properties.id === scene.selected.id
                && layer.feature.properties.layer === scene.selected.layer) this.mark(layer);
          });
        });
        if (scene.labels) this.labels.addTo(map);
        if (scene.pin) this.addLayer(pinOf(scene.pin));
        scene.layers.filter((spec) => spec.mark).forEach((spec) => this.mark(L.circleMarker([spec.mark[1], spec.mark[0]], { radius: 6 })));
        tiled.forEach((group) => { this.addLayer(group); drawn += group.number; });
        this.haloAbove();
        this.passing = [...tiled, ...answers.map((answer) => answer.value).filter((group, i) => group && !group.pictures && !still(scene.layers[i]))];
        Promise.allSettled(tiled.map((group) => group.ready)).then((ends) => {
          if (turn !== Overlay.shown || !this._map) return;
          this.quiet();
          ends.forEach((end, i) => { if (end.status === "rejected") failed.push(`${tiled[i].spec.name}: ${end.reason.message}`); });
          if (failed.length) this.notice = new Notice("Not drawn: " + failed.join("; ")).addTo(map);
          map.fire("overlay:drawn", { scene: this });
          map.getContainer().dataset.state = failed.length ? "failed" : "drawn";
          map.getContainer().dataset.drawn = String(drawn);
        });
      });
    },
    // While time plays, what the filtered picture shows gives way to what was there then.
    giveWay(away) {
      (this.passing || []).forEach((layer) => (away ? this.removeLayer(layer) : this.addLayer(layer)));
      this.haloAbove();
    },
    haloAbove() { (this.halos || []).forEach((halo) => halo.bringToFront()); },
    mark(layer) {
      const accent = Overlay.theme.accent;
      const halo = layer.getLatLng
        ? L.circleMarker(layer.getLatLng(), { renderer: Overlay.renderer, radius: (layer._radius || 6) + 7, color: accent, weight: 3, fill: false, interactive: false })
        : L.geoJSON(layer.toGeoJSON(), { style: { renderer: Overlay.renderer, color: accent, weight: 4, fill: false }, interactive: false });
      this.addLayer(halo);
      (this.halos = this.halos || []).push(halo);
      const bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
      if (!this._map.getBounds().contains(bounds)) this._map.panTo(bounds.getCenter());
    },
    quiet() {
      clearTimeout(this.waiting);
      if (this.notice) this.notice = void this.notice.remove();
    },
    onRemove(map) {
      if (map.spread) map.spread.end();
      this.quiet();
      this.legend.remove();
      this.labels.remove();
      (this.pictures || []).forEach((pictures) => pictures.remove());
      L.FeatureGroup.prototype.onRemove.call(this, map);
    },
  });
  Overlay.toLayer = toLayer;
  Overlay.canvas = (options) => new HatchCanvas(options);
  Overlay.scene = (scene) => new Scene(scene);
  Overlay.notice = (text) => new Notice(text);
})();
