/* The view as a whole: back to what the map opened on, full screen, and a sheet of paper. Marking
   and EXERCISE band go along wherever the page around the map is not seen. Texts of the sheet
   arrive already made safe. */
(function () {
  "use strict";
  const Overlay = window.Overlay;
  const PAPER = { width: 1047, height: 712 };  // pixels of A4 landscape within margins of 10 mm, at 96 a inch
  const PATIENCE = 5000, SETTLE = 300;  // milliseconds
  const ICONS = {
    home: '<path d="M2 8 8 2.5 14 8M4 6.5V13.5H12V6.5"/>',
    full: '<path d="M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10"/>',
    print: '<path d="M4.5 6V2H11.5V6M4.5 11H2.5V6H13.5V11H11.5M4.5 9.5H11.5V14H4.5Z"/>',
  };

  const View = L.Control.extend({
    options: { position: "topleft" },
    onAdd(map) {
      const box = L.DomUtil.create("div", "overlay-view leaflet-bar");
      this.full = this.button("full", "Full screen", () => whole(map, this.full));
      box.append(this.button("home", "Back to what the map opened on", () => map.setView(map.opened.at, map.opened.zoom, { animate: false })),
        this.full, this.button("print", "Print the map", () => print(map)));
      L.DomEvent.disableClickPropagation(box);
      return box;
    },
    button(name, label, act) {
      const button = L.DomUtil.create("button", name);
      button.type = "button";
      button.title = label;
      button.setAttribute("aria-label", label);
      button.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${ICONS[name]}</svg>`;
      button.addEventListener("click", act);
      return button;
    },
  });

  // Marking and EXERCISE band above the map, outside of it so that nothing is covered.
  function bands(map) {
    const sheet = map.sheet, box = L.DomUtil.create("div", "overlay-bands");
    if (!sheet) return box;
    const marking = L.DomUtil.create("div", "marking", box);
    marking.innerHTML = sheet.marking;
    marking.style.background = sheet.background;
    if (sheet.exercise) L.DomUtil.create("div", "exercise", box).textContent = "EXERCISE EXERCISE EXERCISE";
    return box;
  }

  // Lay the map out anew, at another size, keeping what it shows.
  function resized(map, width, height) {
    Object.assign(map.getContainer().style, { width, height });
    map.invalidateSize({ animate: false, pan: false });
  }

  // ---- full screen: the whole frame, so that what stands below the map comes along ------------
  async function whole(map, button) {
    if (document.fullscreenElement) { document.exitFullscreen(); return; }
    const container = map.getContainer(), before = [container.style.width, container.style.height];
    try {
      await document.documentElement.requestFullscreen();
    } catch (error) {
      const notice = Overlay.notice("This browser does not allow full screen here.").addTo(map);
      setTimeout(() => notice.remove(), PATIENCE);
      return;
    }
    const top = bands(map), seen = map.getBounds(), zoom = map.getZoom();
    container.before(top);
    document.body.classList.add("overlay-full");
    button.setAttribute("aria-pressed", "true");
    const fit = () => {
      const beside = [...container.parentElement.children].filter((e) => e !== container && getComputedStyle(e).position !== "absolute");
      const taken = beside.reduce((sum, e) => sum + e.getBoundingClientRect().height, 0);
      resized(map, "100vw", `${window.innerHeight - taken}px`);
    };
    fit();
    map.fitBounds(seen, { animate: false });
    const nearer = map.getZoom() - zoom;
    window.addEventListener("resize", fit);
    document.addEventListener("fullscreenchange", function left() {
      if (document.fullscreenElement) return;
      document.removeEventListener("fullscreenchange", left);
      window.removeEventListener("resize", fit);
      top.remove();
      document.body.classList.remove("overlay-full");
      button.setAttribute("aria-pressed", "false");
      resized(map, ...before);
      map.setZoom(map.getZoom() - nearer, { animate: false });
    });
  }

  // ---- a sheet: the map as it is drawn, with all that must stand on paper ------------------------
  async function print(map) {
    if (document.body.classList.contains("overlay-sheet")) return;
    if (document.fullscreenElement) await document.exitFullscreen();
    const container = map.getContainer(), before = [container.style.width, container.style.height];
    const seen = map.getBounds(), at = map.getCenter(), zoom = map.getZoom();
    const head = L.DomUtil.create("div", "overlay-head"), foot = L.DomUtil.create("div", "overlay-foot"), top = bands(map), bottom = bands(map);
    // What plays holds still on paper, and its moment is said.
    const played = map.time && map.time.mode !== "still" ? map.time : null;
    if (played && played.playing) played.toggle();
    head.innerHTML = map.sheet ? `<b>${map.sheet.title}</b> ${map.sheet.words}` : "";
    if (played) head.append(` · on this map: ${played.when.textContent}`);
    foot.innerHTML = map.sheet ? map.sheet.sources.map((line) => `<span>${line}</span>`).join("") : "";
    L.DomUtil.create("span", "", foot).textContent = map.attributionControl.getContainer().textContent;
    document.body.classList.add("overlay-sheet");
    container.before(top, head);
    container.after(foot, bottom);
    const taken = [top, head, foot, bottom].reduce((sum, e) => sum + e.offsetHeight, 0);
    resized(map, `${PAPER.width}px`, `${PAPER.height - taken}px`);
    map.fitBounds(seen, { animate: false });
    if (!(await settled(map))) L.DomUtil.create("span", "", foot).textContent = "Not all of the base map had come when this was printed.";
    const back = () => {
      window.removeEventListener("afterprint", back);
      [top, head, foot, bottom].forEach((e) => e.remove());
      document.body.classList.remove("overlay-sheet");
      resized(map, ...before);
      map.setView(at, zoom, { animate: false });
    };
    window.addEventListener("afterprint", back);
    window.print();
  }

  // Until every tile of the sheet has come, or patience ends; whether they have.
  async function settled(map) {
    const waits = () => { let some = false; map.eachLayer((layer) => { if (layer.isLoading && layer.isLoading()) some = true; }); return some; };
    const until = Date.now() + PATIENCE;
    do await new Promise((done) => setTimeout(done, SETTLE)); while (waits() && Date.now() < until);
    return !waits();
  }

  /** Buttons for the view as a whole. The first move of a map is to the bounds that it opens on. */
  Overlay.views = function (map) {
    const opened = () => { map.opened = { at: map.getCenter(), zoom: map.getZoom() }; };
    opened();
    map.once("moveend", opened);
    new View().addTo(map);
  };
})();
