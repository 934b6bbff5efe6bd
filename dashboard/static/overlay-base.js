/* The base map that was chosen: above the coastline, below pictures and symbols. It stays while
   scenes come and go, and says so when it cannot be drawn. Text arrives already made safe. */
(function () {
  "use strict";
  const Overlay = window.Overlay, PATIENCE = 15000;  // milliseconds

  function vectorTiles(base, failed) {
    const layer = protomapsL.leafletLayer({
      url: location.origin + base.url, flavor: Overlay.theme.name, maxDataZoom: base.last_zoom, lang: "en", ...common(base),
    });
    layer.backgroundColor = undefined;  // where a tile is missing, the coastline shows
    layer.views.forEach((view) => {
      const ask = view.getDisplayTile.bind(view);
      view.getDisplayTile = (tile) => ask(tile).catch((error) => {
        if (error.name !== "AbortError") failed("a part of the file cannot be read");
        throw error;
      });
    });
    return layer;
  }

  function common(base) {
    const box = base.bounds && [[base.bounds[1], base.bounds[0]], [base.bounds[3], base.bounds[2]]];
    return { pane: "base", attribution: base.attribution, ...(box ? { bounds: box } : {}) };
  }

  function make(base, failed) {
    if (base.form === "pmtiles") return vectorTiles(base, failed);
    // Public tile servers ask who is asking: they are told this server's name, never the page.
    const options = { ...common(base), maxNativeZoom: base.last_zoom, referrerPolicy: "origin" };
    const layer = base.form === "wms"
      ? L.tileLayer.wms(base.url, { ...options, layers: base.layers, styles: base.styles, format: "image/png", transparent: true })
      : L.tileLayer(base.url, options);
    return layer.on("tileerror", () => failed("its address does not answer"));
  }

  function show(map, base) {
    const name = new DOMParser().parseFromString(base.name, "text/html").body.textContent;
    const shown = { state: "loading" };
    const tell = (state) => { shown.state = map.getContainer().dataset.base = state; };
    const quiet = () => { clearTimeout(shown.timer); if (shown.notice) shown.notice = void shown.notice.remove(); };
    const failed = (why) => {
      tell("failed");
      if (!shown.notice) shown.notice = Overlay.notice(`Base map ${name}: ${why}. The coastline is shown where it is missing.`).addTo(map);
    };
    shown.layer = make(base, failed);
    shown.layer.on("loading", () => { quiet(); tell("loading"); shown.timer = setTimeout(failed, PATIENCE, "it has not answered yet"); });
    shown.layer.on("load", () => { clearTimeout(shown.timer); if (shown.state === "loading") tell("drawn"); });
    // A file of another region is whole, and yet there would be nothing to see.
    const away = () => {
      const here = !base.bounds || map.getBounds().intersects(shown.layer.options.bounds);
      if (here && shown.away) shown.away = void shown.away.remove();
      if (!here && !shown.away) shown.away = Overlay.notice(`Base map ${name} has nothing here. The coastline is shown.`).addTo(map);
    };
    map.on("moveend", away);
    away();
    shown.remove = () => { map.off("moveend", away); if (shown.away) shown.away.remove(); quiet(); shown.layer.remove(); delete map.getContainer().dataset.base; };
    shown.layer.addTo(map);
    return shown;
  }

  Overlay.base = function (map, base) {
    const key = JSON.stringify([base, Overlay.theme.name]);
    if (map.base && map.base.key === key) return;
    if (map.base) map.base.remove();
    map.base = base ? { ...show(map, base), key } : null;
  };
})();
