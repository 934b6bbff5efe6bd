/* Points too many for one file: drawn tile by tile, in groups where a tile holds too many. */
(function () {
  "use strict";
  const SIZE = 256, MARGIN = 14, REACH = 9, PATIENCE = 150, FEW = 12;  // pixels; milliseconds before a tooltip is asked for; symbols in a tile

  // The decoder of protomaps-leaflet, handed the bytes of our own address.
  function source(address) {
    const fetched = async (z, x, y, signal) => {
      const url = address.replace("{z}", z).replace("{x}", x).replace("{y}", y);
      const answer = await fetch(url, { signal });
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 200));
      return { data: await answer.arrayBuffer() };
    };
    return new protomapsL.PmtilesSource({ getZxy: fetched }, false);
  }

  const PointTiles = L.GridLayer.extend({
    initialize(spec, looks) {
      L.GridLayer.prototype.initialize.call(this, { pane: "tiles", tileSize: SIZE, maxNativeZoom: 18, noWrap: true, keepBuffer: 1, updateWhenZooming: false });
      this.spec = spec;
      this.looks = looks;
      this.source = source(spec.tiles);
      this.points = new Map();
    },
    createTile(coords, done) {
      const canvas = L.DomUtil.create("canvas", "overlay-point-tile");
      const scale = window.devicePixelRatio || 1, side = SIZE + 2 * MARGIN;
      canvas.width = canvas.height = side * scale;
      const key = this._tileCoordsToKey(coords);
      this.source.get({ z: coords.z, x: coords.x, y: coords.y }, SIZE).then((layers) => {
        const c = canvas.getContext("2d");
        c.scale(scale, scale);
        c.translate(MARGIN, MARGIN);
        this.points.set(key, this.paint(c, layers));
        done(null, canvas);
      }).catch((error) => { if (error.name !== "AbortError") { this.fire("refused", { reason: error.message }); done(error, canvas); } });
      return canvas;
    },
    paint(c, layers) {
      const colour = Overlay.colour(this.spec);
      const singles = layers.get("points") || [], groups = layers.get("cells") || [], kept = [];
      groups.forEach((f) => {
        const { x, y } = f.geom[0][0], n = f.props.n;
        c.globalAlpha = Math.min(0.36 + 0.2 * Math.log10(n), 0.95);
        c.fillStyle = colour;
        c.fillRect(x - 2, y - 2, 4, 4);
        kept.push({ x, y, n });
      });
      c.globalAlpha = 1;
      singles.forEach((f) => {
        const { x, y } = f.geom[0][0];
        Overlay.paint(c, x, y, this.looks[f.props.m] || {}, this.spec, 0, singles.length <= FEW);
        kept.push({ x, y, row: f.id, m: f.props.m });
      });
      return kept;
    },
    _removeTile(key) { this.points.delete(key); L.GridLayer.prototype._removeTile.call(this, key); },
    _initTile(tile) {
      L.GridLayer.prototype._initTile.call(this, tile);
      const side = SIZE + 2 * MARGIN;
      Object.assign(tile.style, { width: `${side}px`, height: `${side}px`, margin: `-${MARGIN}px 0 0 -${MARGIN}px` });
    },
    // The nearest point or group to a place on the screen.
    at(latlng) {
      const zoom = this._tileZoom;
      if (zoom === undefined) return null;
      const scale = this._map.getZoomScale(this._map.getZoom(), zoom), p = this._map.project(latlng, zoom);
      let best = null, least = (REACH / scale) ** 2;
      const column = Math.floor(p.x / SIZE), row = Math.floor(p.y / SIZE);
      for (let x = column - 1; x <= column + 1; x += 1) {
        for (let y = row - 1; y <= row + 1; y += 1) {
          (this.points.get(`${x}:${y}:${zoom}`) || []).forEach((point) => {
            const far = (x * SIZE + point.x - p.x) ** 2 + (y * SIZE + point.y - p.y) ** 2;
            if (far <= least) { least = far; best = { ...point, at: this._map.unproject([x * SIZE + point.x, y * SIZE + point.y], zoom) }; }
          });
        }
      }
      return best;
    },
  });

  // ---- what a page knows as one layer: tiles, tooltip, click --------------------------------
  const Tiled = L.LayerGroup.extend({
    initialize(spec, looks) {
      L.LayerGroup.prototype.initialize.call(this, []);
      this.spec = spec;
      this.looks = looks;
      this.number = spec.number;
      this.tip = L.tooltip({ className: "overlay-tip" });
    },
    onAdd(map) {
      if (!map.getPane("tiles")) { map.createPane("tiles").style.zIndex = 390; }
      this.tiles = new PointTiles(this.spec, this.looks);
      this.ready = new Promise((loaded, failed) => {
        this.tiles.once("load", loaded);
        this.tiles.once("refused", (event) => failed(new Error(event.reason)));
      });
      this.addLayer(this.tiles);
      L.LayerGroup.prototype.onAdd.call(this, map);
      map.on("click", this.clicked, this).on("mousemove", this.moved, this);
    },
    onRemove(map) {
      map.off("click", this.clicked, this).off("mousemove", this.moved, this);
      clearTimeout(this.waiting);
      this.tip.remove();
      L.LayerGroup.prototype.onRemove.call(this, map);
    },
    busy() { return Boolean(Overlay.renderer._hoveredLayer); },
    async record(row) {
      const answer = await fetch(`${this.spec.records}&row=${row}`);
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 200));
      return answer.json();
    },
    moved(event) {
      clearTimeout(this.waiting);
      const found = this.busy() ? null : this.tiles.at(event.latlng);
      this._map.getContainer().classList.toggle("overlay-over", Boolean(found));
      if (!found) { this.tip.remove(); return; }
      if (found.n) { this.say(found.at, `${found.n.toLocaleString("en-GB")} here: zoom in for each`); return; }
      this.waiting = setTimeout(() => this.record(found.row).then((told) => this._map && this.say(found.at, told.t)).catch(() => this.tip.remove()), PATIENCE);
    },
    say(at, html) {
      const box = document.createElement("div");
      box.innerHTML = html;
      this.tip.setLatLng(at).setContent(box).addTo(this._map);
    },
    async clicked(event) {
      const found = this.busy() ? null : this.tiles.at(event.latlng);
      if (!found) return;
      if (found.n) { this._map.setView(found.at, Math.min(this._map.getZoom() + 2, 18)); return; }
      const told = await this.record(found.row).catch(() => null), map = this._map;
      if (!told || !map) return;
      Overlay.choose(map, told.layer, told.id, found.at);
    },
  });

  Overlay.tiled = (spec, looks) => new Tiled(spec, looks);
})();
