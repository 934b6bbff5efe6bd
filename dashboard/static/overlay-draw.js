/* Draw a point, a line, an area or a circle, and say what it is for. The page is told once a
   purpose is chosen, as streamlit-folium tells what was drawn; the server checks the shape. */
(function () {
  "use strict";
  const Overlay = window.Overlay, GEODESIC = window.geodesic.Geodesic, WGS84 = GEODESIC.WGS84;
  const LEAST_KM = 0.01, MOST_KM = 2000;  // radius of a circle
  const MOST_CORNERS = 100, NEAR = 9, RING = 96;  // pixels; places of a circle as it is drawn
  const SHAPES = {
    point: { label: "Point", hint: "Click the place, or Enter for the middle.", least: 1, icon: '<circle cx="8" cy="8" r="2.6"/>' },
    line: { label: "Line", hint: "Click its places; double-click the last.", least: 2, icon: '<path d="M2 12 6 5l4 5 4-7"/>' },
    area: { label: "Area", hint: "Click its corners; double-click the last.", least: 3, icon: '<path d="M3 12.5 2.5 5 9 2.5 13.5 7 11 13Z"/>' },
    circle: { label: "Circle", hint: "Click its middle, then its edge.", least: 2, icon: '<circle cx="8" cy="8" r="5.5"/>' },
  };
  const PURPOSES = {
    filter: { label: "Filter to it", shapes: ["area", "circle"] },
    note: { label: "Note here", shapes: ["point", "line", "area", "circle"] },
    record: { label: "New record…", shapes: ["point", "line", "area", "circle"] },
    service: { label: "Try a service here", shapes: ["point"] },
  };

  // Degrees of a true circle, [lat, lon] each, longitudes without a jump.
  function ring(middle, metres) {
    const mask = GEODESIC.STANDARD | GEODESIC.LONG_UNROLL;
    return Array.from({ length: RING }, (_, i) => {
      const at = WGS84.Direct(middle.lat, middle.lng, (360 * i) / RING, metres, mask);
      return [at.lat2, at.lon2];
    });
  }

  function squareKm(places) {
    const outline = WGS84.Polygon(false);
    places.forEach((at) => outline.AddPoint(at.lat, at.lng));
    return Math.abs(outline.Compute(false, true).area) / 1e6;
  }

  const size = (km2) => `${km2 >= 100 ? Math.round(km2).toLocaleString("en-GB") : km2.toPrecision(3)} km²`;

  function button(text, act, className = "") {
    const made = L.DomUtil.create("button", className);
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  Overlay.Drawing = class extends Overlay.Pointing {
    constructor(map, panel, done) {
      super(map, panel);
      this.done = done;
      this.lines = L.svg({ padding: 0.3 });
      this.moved = (event) => { if (!this.asking && this.places.length && this.shape !== "point") this.sketch(map.mouseEventToLatLng(event)); };
      map.getContainer().addEventListener("mousemove", this.moved);
      panel.hidden = false;
      this.begin("area");
    }

    begin(shape) {
      this.shape = shape;
      this.places = [];
      this.radius = 0;
      this.asking = false;
      this.sketch();
      this.tell();
    }

    add(latlng) {
      if (this.asking) return;
      const many = this.shape === "line" || this.shape === "area", places = this.places;
      const on = (at) => at && this.map.latLngToContainerPoint(at).distanceTo(this.map.latLngToContainerPoint(latlng)) < NEAR;
      const enough = places.length >= SHAPES[this.shape].least;
      if (many && (on(places[places.length - 1]) || (this.shape === "area" && enough && on(places[0])))) {
        if (enough) this.ask();
        return;
      }
      if (many && places.length >= MOST_CORNERS) { this.ask(); return; }
      if (this.shape === "circle" && places.length) {
        const metres = WGS84.Inverse(places[0].lat, places[0].lng, latlng.lat, latlng.lng).s12;
        if (metres < 1) return;
        this.radius = metres;
        this.ask();
        return;
      }
      places.push(latlng);
      if (this.shape === "point") this.ask(); else { this.sketch(); this.tell(); }
    }

    // What stands so far, and what the next click would make of it.
    sketch(next) {
      const style = { color: Overlay.theme.accent, weight: 2.5, fillOpacity: 0.1, interactive: false, renderer: this.lines };
      const places = next && this.shape !== "circle" ? [...this.places, next] : this.places;
      this.drawn.clearLayers();
      this.places.forEach((at) => L.circleMarker(at, { ...style, radius: 4, fillOpacity: 1 }).addTo(this.drawn));
      if (this.shape === "circle" && places.length) {
        const metres = next ? WGS84.Inverse(places[0].lat, places[0].lng, next.lat, next.lng).s12 : this.radius;
        if (metres) L.polygon(ring(places[0], metres), style).addTo(this.drawn);
      } else if (places.length > 1) {
        (this.shape === "area" ? L.polygon(places, style) : L.polyline(places, style)).addTo(this.drawn);
      }
    }

    tell() {
      const shapes = L.DomUtil.create("div", "shapes"), hint = L.DomUtil.create("div", "hint");
      shapes.setAttribute("role", "group");
      shapes.setAttribute("aria-label", "Shape");
      Object.entries(SHAPES).forEach(([name, shape]) => {
        const choice = button("", () => this.begin(name), name);
        choice.title = shape.label;
        choice.setAttribute("aria-label", shape.label);
        choice.setAttribute("aria-pressed", String(name === this.shape));
        choice.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${shape.icon}</svg>`;
        shapes.append(choice);
      });
      hint.textContent = `${SHAPES[this.shape].hint} Esc ends.`;
      this.panel.replaceChildren(shapes, hint);
      const many = this.shape === "line" || this.shape === "area";
      if (many && this.places.length >= SHAPES[this.shape].least) this.panel.append(button("Done", () => this.ask(), "wide"));
    }

    ask() {
      this.asking = true;
      this.sketch();
      const head = L.DomUtil.create("div", "head"), choices = L.DomUtil.create("div", "choices");
      head.setAttribute("role", "status");
      const name = () => { head.textContent = this.words(); };
      name();
      this.panel.replaceChildren(head);
      const purposes = (this.map.sketchable || []).filter((p) => PURPOSES[p] && PURPOSES[p].shapes.includes(this.shape))
        .map((purpose) => button(PURPOSES[purpose].label, () => this.use(purpose), "wide"));
      if (this.shape === "circle") this.panel.append(...this.radiusField((good) => {
        if (good) name(); else head.textContent = SHAPES.circle.label;
        purposes.forEach((purpose) => { purpose.disabled = !good; });
      }));
      choices.append(...purposes, button("Discard", () => this.done(), "wide plain"));
      this.panel.append(choices);
      choices.querySelector("button:enabled").focus();
    }

    words() {
      const label = SHAPES[this.shape].label, places = this.places;
      if (this.shape === "point") return `${label} ${Overlay.position(places[0])}`;
      if (this.shape === "circle") return `${label}, about ${size(squareKm(ring(places[0], this.radius).map(([lat, lng]) => ({ lat, lng }))))}`;
      if (this.shape === "area") return `${label}, about ${size(squareKm(places))}`;
      const metres = places.slice(1).reduce((sum, at, i) => sum + WGS84.Inverse(places[i].lat, places[i].lng, at.lat, at.lng).s12, 0);
      return `${label}, ${Overlay.distance(metres)}`;
    }

    // The field, and the words below it where no circle has such a radius; `told` is told whether one has.
    radiusField(told) {
      const label = L.DomUtil.create("label", "radius"), field = L.DomUtil.create("input", ""), wrong = L.DomUtil.create("div", "wrong");
      Object.assign(wrong, { id: "overlay-radius", textContent: `Radius: ${LEAST_KM} to ${MOST_KM.toLocaleString("en-GB")} km.` });
      wrong.setAttribute("role", "alert");
      field.setAttribute("aria-describedby", wrong.id);
      Object.assign(field, { type: "number", min: String(LEAST_KM), max: String(MOST_KM), step: "any", value: String(Number((this.radius / 1000).toPrecision(3))) });
      this.radius = Number(field.value) * 1000;
      const check = () => {
        const km = Number(field.value), good = km >= LEAST_KM && km <= MOST_KM;
        field.setAttribute("aria-invalid", String(!good));
        wrong.hidden = good;
        if (good) { this.radius = km * 1000; this.sketch(); }
        told(good);
      };
      field.addEventListener("input", check);
      label.append("Radius, km ", field);
      check();
      return [label, wrong];
    }

    use(purpose) {
      const pairs = this.places.map((at) => [at.lng, at.lat]);
      const geometry = {
        point: { type: "Point", coordinates: pairs[0] }, circle: { type: "Point", coordinates: pairs[0] },
        line: { type: "LineString", coordinates: pairs }, area: { type: "Polygon", coordinates: [[...pairs, pairs[0]]] },
      }[this.shape];
      const feature = { type: "Feature", properties: { sketch: purpose, shape: this.shape, radius_m: this.radius }, geometry };
      this.map.fire("draw:created", { layer: { toGeoJSON: () => feature }, layerType: "sketch" });
      this.done();
    }

    end() {
      this.map.getContainer().removeEventListener("mousemove", this.moved);
      super.end();
      this.lines.remove();
    }
  };

  /** A scene says what a drawn shape may be used for, and which area filters it. */
  Overlay.sketches = function (map, scene, group) {
    map.sketchable = scene.sketches;
    map.tools.drawing.hidden = !scene.sketches.length;
    if (!scene.drawn) return;
    const style = { renderer: Overlay.renderer, color: Overlay.theme.accent, weight: 2, dashArray: "7 5", fill: false };
    group.addLayer(L.geoJSON(scene.drawn, { style, interactive: false }));
  };
})();
