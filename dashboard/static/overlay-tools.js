/* What a person does with the map besides looking: read a position, measure, lay a grid.
   The page is not run again for any of it. */
(function () {
  "use strict";
  const Overlay = window.Overlay;
  const GEODESIC = window.geodesic.Geodesic, WGS84 = GEODESIC.WGS84;

  // ---- words and figures -----------------------------------------------------------------
  const wrapped = (lon) => ((((lon + 180) % 360) + 360) % 360) - 180;

  /** MGRS to 10 m, as "11L KF 8412 1530"; nothing beyond 84 N and 80 S, where the grid is another one. */
  Overlay.mgrs = function (lat, lon) {
    if (lat < -80 || lat > 84) return "";
    const [, zone, band, square, east, north] = window.mgrs.forward([wrapped(lon), lat], 4).match(/^(\d+)(.)(..)(....)(....)$/);
    return `${zone.padStart(2, "0")}${band} ${square} ${east} ${north}`;
  };

  const degrees = (value, positive, negative) => `${Math.abs(value).toFixed(4)}° ${value < 0 ? negative : positive}`;

  Overlay.position = function (latlng) {
    const lat = Math.max(-90, Math.min(90, latlng.lat)), lon = wrapped(latlng.lng);
    return [Overlay.mgrs(lat, lon), `${degrees(lat, "N", "S")} ${degrees(lon, "E", "W")}`].filter(Boolean).join(" · ");
  };

  /** Metres as people say them: three figures or whole metres. */
  Overlay.distance = function (metres) {
    if (metres < 999.5) return `${Math.round(metres)} m`;
    const km = metres / 1000;
    if (km < 9.995) return `${km.toFixed(2)} km`;
    return km < 99.95 ? `${km.toFixed(1)} km` : `${Math.round(km).toLocaleString("en-GB")} km`;
  };

  const bearing = (azimuth) => `${String(Math.round(azimuth + 360) % 360).padStart(3, "0")}°`;

  // ---- where the pointer is; the middle of the map when it is elsewhere --------------------
  const Position = L.Control.extend({
    options: { position: "bottomright" },
    onAdd(map) {
      const box = L.DomUtil.create("div", "overlay-position");
      box.setAttribute("aria-label", "Position");
      const middle = () => { box.textContent = `Middle ${Overlay.position(map.getCenter())}`; };
      // Leaflet's own event would tell the place of the symbol below the pointer.
      map.getContainer().addEventListener("mousemove", (event) => { box.textContent = Overlay.position(map.mouseEventToLatLng(event)); });
      map.getContainer().addEventListener("mouseleave", middle);
      map.on("moveend", middle);
      map.whenReady(middle);
      return box;
    },
  });

  // ---- the bar of tools: one is in hand at a time -------------------------------------------
  const ICONS = {
    measure: '<path d="M1.5 10.5 10.5 1.5 14.5 5.5 5.5 14.5ZM4 8l1.5 1.5M6 6l2 2M8 4l1.5 1.5"/>',
    draw: '<path d="M2.5 13.5 3.5 10 11 2.5 13.5 5 6 12.5ZM9.5 4 12 6.5"/>',
    grid: '<path d="M5.5 1.5v13M10.5 1.5v13M1.5 5.5h13M1.5 10.5h13"/>',
  };

  const Tools = L.Control.extend({
    options: { position: "topleft" },
    onAdd(map) {
      const box = L.DomUtil.create("div", "overlay-tools leaflet-bar");
      this.panel = L.DomUtil.create("div", "overlay-panel");
      this.panel.hidden = true;
      box.append(this.button("measure", "Measure distance and bearing", () => this.take(new Measure(map, this.panel))), this.gridButton(map));
      // A scene says what a drawn shape may be used for; without any there is nothing to draw.
      this.drawing = this.button("draw", "Draw a point, line, area or circle", () => this.take(new Overlay.Drawing(map, this.panel, () => this.leave())));
      this.drawing.hidden = true;
      box.append(this.drawing, this.panel);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      // Wherever the focus is: a button that gave way to the next question leaves it on the page.
      document.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.pressed) { event.preventDefault(); this.leave(); } });
      return box;
    },
    plain(name, label) {
      const button = L.DomUtil.create("button", name);
      button.type = "button";
      button.title = label;
      button.setAttribute("aria-label", label);
      button.setAttribute("aria-pressed", "false");
      button.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${ICONS[name]}</svg>`;
      return button;
    },
    button(name, label, act) {
      const button = this.plain(name, label);
      button.addEventListener("click", () => {
        const again = this.pressed === button;
        this.leave();
        if (again) return;
        this.pressed = button;
        button.setAttribute("aria-pressed", "true");
        act();
      });
      return button;
    },
    gridButton(map) {
      const grid = new Grid();
      const button = this.plain("grid", "MGRS grid");
      button.addEventListener("click", () => {
        const shown = map.hasLayer(grid);
        if (shown) grid.remove(); else grid.addTo(map);
        button.setAttribute("aria-pressed", String(!shown));
      });
      return button;
    },
    take(tool) { this.tool = tool; },
    leave() {
      if (this.tool) this.tool.end();
      if (this.pressed) this.pressed.setAttribute("aria-pressed", "false");
      this.tool = this.pressed = null;
      this.panel.hidden = true;
      this.panel.textContent = "";
    },
  });

  // ---- what all tools share that take places: clicks and Enter, for as long as one is in hand -----
  Overlay.Pointing = class {
    constructor(map, panel) {
      this.map = map;
      this.panel = panel;
      this.drawn = L.layerGroup().addTo(map);
      // Clicks are ours meanwhile: no record is chosen, nothing is told to the page.
      this.clicked = (event) => this.click(event);
      this.keyed = (event) => this.key(event);
      const box = map.getContainer();
      box.addEventListener("click", this.clicked, true);
      box.addEventListener("keydown", this.keyed, true);
      box.classList.add("measuring");
      map.doubleClickZoom.disable();
    }

    click(event) {
      if (event.target.closest(".leaflet-control")) return;
      event.stopImmediatePropagation();
      if (!this.map.dragging.moved()) this.add(this.map.mouseEventToLatLng(event));
    }

    key(event) {
      if (event.key !== "Enter" || event.target.closest(".leaflet-control")) return;
      event.stopImmediatePropagation();
      this.add(this.map.getCenter());
    }

    end() {
      const box = this.map.getContainer();
      box.removeEventListener("click", this.clicked, true);
      box.removeEventListener("keydown", this.keyed, true);
      box.classList.remove("measuring");
      this.map.doubleClickZoom.enable();
      this.drawn.remove();
    }
  };

  // ---- measure: legs by clicks, on the ellipsoid (Karney 2013) ------------------------------
  class Measure extends Overlay.Pointing {
    constructor(map, panel) {
      super(map, panel);
      this.points = [];
      this.tell();
    }

    add(latlng) {
      const last = this.points[this.points.length - 1];
      if (last && last.latlng.equals(latlng)) return;
      const leg = last ? WGS84.InverseLine(last.latlng.lat, last.latlng.lng, latlng.lat, latlng.lng) : null;
      this.points.push({ latlng, leg });
      this.draw(latlng, leg);
      this.tell();
    }

    draw(latlng, leg) {
      const color = Overlay.theme.accent, style = { color, weight: 2.5, interactive: false, renderer: Overlay.renderer };
      L.circleMarker(latlng, { ...style, radius: 4, fillOpacity: 1 }).addTo(this.drawn);
      if (!leg) return;
      const steps = 32, mask = GEODESIC.STANDARD | GEODESIC.LONG_UNROLL;
      const path = Array.from({ length: steps + 1 }, (_, i) => leg.Position((leg.s13 * i) / steps, mask));
      L.polyline(path.map((at) => [at.lat2, at.lon2]), style).addTo(this.drawn);
    }

    tell() {
      const legs = this.points.map((point) => point.leg).filter(Boolean);
      const rows = legs.map((leg, i) => `<tr><td>${i + 1}</td><td>${Overlay.distance(leg.s13)}</td><td>${bearing(leg.azi1)}</td></tr>`).join("");
      const all = legs.reduce((sum, leg) => sum + leg.s13, 0);
      this.panel.innerHTML = `<div class="hint">Click on the map, or Enter for its middle. Esc ends.</div>` + (legs.length
        ? `<div class="legs"><table><thead><tr><th>Leg</th><th>Distance</th><th>True bearing</th></tr></thead><tbody>${rows}</tbody></table></div>
           <div class="all" role="status">In all ${Overlay.distance(all)}</div>` : "");
      this.panel.hidden = false;
      const list = this.panel.querySelector(".legs");
      if (list) list.scrollTop = list.scrollHeight;
    }
  }

  // ---- MGRS grid: lines and names for what is in view, from the server ------------------------
  const STEPS = [1000, 10000, 100000], NARROWEST = 45;  // metres; pixels between lines

  const Grid = L.LayerGroup.extend({
    onAdd(map) {
      if (!map.getPane("grid")) map.createPane("grid").style.cssText = "z-index: 380; pointer-events: none";
      this.lines = this.lines || L.canvas({ pane: "grid" });
      map.on("moveend", this.lay, this);
      this.lay();
      L.LayerGroup.prototype.onAdd.call(this, map);
    },
    onRemove(map) { map.off("moveend", this.lay, this); L.LayerGroup.prototype.onRemove.call(this, map); },
    async lay() {
      const map = this._map, view = map.getBounds(), middle = map.getSize().divideBy(2);
      const pixel = map.distance(map.containerPointToLatLng(middle), map.containerPointToLatLng(middle.add([100, 0]))) / 100;
      const step = STEPS.find((metres) => metres / pixel >= NARROWEST) || 0;
      const box = [Math.max(view.getWest(), -180), Math.max(view.getSouth(), -85), Math.min(view.getEast(), 180), Math.min(view.getNorth(), 85)];
      const turn = (this.turn = (this.turn || 0) + 1);
      if (box[0] >= box[2]) { this.clearLayers(); return; }
      const answer = await fetch(`/drawn/mgrs?box=${box.map((v) => v.toFixed(5)).join(",")}&step=${step}`);
      if (!answer.ok || turn !== this.turn || this._map !== map) return;
      this.draw(await answer.json(), map.getContainer());
    },
    draw(data, container) {
      this.clearLayers();
      const color = Overlay.theme.ink, weight = { zone: 2, square: 1.4, line: 0.7 };
      this.addLayer(L.geoJSON(data, {
        style: (feature) => ({ renderer: this.lines, color, opacity: 0.45, weight: weight[feature.properties.kind], interactive: false }),
        pointToLayer: (feature, at) => this.name(at, feature.properties.label.slice(-2)),
      }));
      data.features.filter((feature) => feature.properties.kind === "line").forEach((feature) => {
        const from = feature.geometry.type === "LineString" ? feature.geometry.coordinates : feature.geometry.coordinates[0];
        this.addLayer(this.name([from[0][1], from[0][0]], feature.properties.label, "digits"));
      });
      container.dataset.grid = String(data.features.length);
    },
    name(at, text, more = "") {
      const icon = L.divIcon({ className: `overlay-grid ${more}`, html: `<span>${text}</span>`, iconSize: [0, 0] });
      return L.marker(at, { icon, interactive: false, keyboard: false, pane: "grid" });
    },
  });

  Overlay.tools = function (map) {
    new Position().addTo(map);
    map.tools = new Tools().addTo(map);
  };
})();
