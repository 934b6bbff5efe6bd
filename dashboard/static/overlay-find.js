/* The search of the map: a button that opens to a field; MGRS, degrees, names and identifiers,
   answered by this server. Text arrives already made safe. */
(function () {
  "use strict";
  const Overlay = window.Overlay, PATIENCE = 160, NEAREST = 13;  // milliseconds; zoom at which a point is shown
  let number = 0;

  const icon = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="6.5" cy="6.5" r="4.5"/><path d="M10 10 14.5 14.5"/></svg>';

  const Find = L.Control.extend({
    options: { position: "topleft" },

    onAdd(map) {
      const list = `overlay-answers-${(number += 1)}`;
      const box = L.DomUtil.create("div", "overlay-find leaflet-bar");
      box.innerHTML = `<button type="button" aria-label="Find a place or record" title="Find a place or record ( / )" aria-expanded="false">${icon}</button>
        <input type="search" hidden role="combobox" aria-label="Find a place or record" aria-expanded="false" aria-autocomplete="list" aria-controls="${list}"
          autocomplete="off" spellcheck="false" maxlength="120" placeholder="MGRS, degrees, name, P-code, id">
        <div class="answers" hidden><div class="said" role="status"></div><ul id="${list}" role="listbox" aria-label="Answers"></ul></div>`;
      [this.button, this.field, this.under] = box.children;
      [this.said, this.list] = this.under.children;
      this.answers = [];
      this.chosen = -1;
      this.button.addEventListener("click", () => (this.field.hidden ? this.open() : this.close()));
      this.field.addEventListener("input", () => this.typed());
      this.field.addEventListener("keydown", (event) => this.key(event));
      this.list.addEventListener("click", (event) => { const line = event.target.closest("li"); if (line) this.go(Number(line.dataset.n)); });
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      this.slash = (event) => {
        if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
        event.preventDefault();
        this.open();
      };
      document.addEventListener("keydown", this.slash);
      this.where = map;
      return box;
    },

    onRemove() { document.removeEventListener("keydown", this.slash); clearTimeout(this.waiting); this.unmark(); },

    open() {
      this.field.hidden = false;
      this.button.setAttribute("aria-expanded", "true");
      this.getContainer().classList.add("open");
      this.field.focus();
      this.field.select();
    },

    close() {
      clearTimeout(this.waiting);
      this.turn = (this.turn || 0) + 1;
      this.field.hidden = true;
      this.show([], []);
      this.getContainer().classList.remove("open");
      this.button.setAttribute("aria-expanded", "false");
    },

    key(event) {
      event.stopPropagation();
      const last = this.answers.length - 1;
      if (event.key === "Escape") { event.preventDefault(); this.field.value = ""; this.unmark(); this.close(); this.button.focus(); }
      else if (event.key === "ArrowDown") { event.preventDefault(); this.point(this.chosen >= last ? 0 : this.chosen + 1); }
      else if (event.key === "ArrowUp") { event.preventDefault(); this.point(this.chosen <= 0 ? last : this.chosen - 1); }
      else if (event.key === "Enter") {
        event.preventDefault();
        if (this.asked === this.field.value && this.answers.length) this.go(Math.max(this.chosen, 0));
        else this.ask().then(() => { if (this.answers.length) this.go(0); });
      }
    },

    typed() {
      clearTimeout(this.waiting);
      if (this.field.value.trim()) this.waiting = setTimeout(() => this.ask(), PATIENCE);
      else this.show([], []);
    },

    async ask() {
      clearTimeout(this.waiting);
      const text = this.field.value, turn = (this.turn = (this.turn || 0) + 1);
      if (!text.trim()) return;
      const slow = setTimeout(() => { if (turn === this.turn) this.show([], ["Looking …"]); }, 4 * PATIENCE);
      try {
        const answer = await fetch(`${this.where.find.address}&q=${encodeURIComponent(text)}`);
        const told = answer.ok ? await answer.json() : { answers: [], said: [Overlay.plain((await answer.text()).slice(0, 200))] };
        if (turn === this.turn) { this.asked = text; this.show(told.answers, told.said); }
      } catch {
        if (turn === this.turn) this.show([], ["The server does not answer. Try again."]);
      } finally { clearTimeout(slow); }
    },

    show(answers, said) {
      this.answers = answers;
      this.list.innerHTML = answers.map((answer, n) => `<li id="${this.list.id}-${n}" data-n="${n}" role="option" aria-selected="false"><b>${answer.label}</b><small>${answer.note}</small></li>`).join("");
      this.said.innerHTML = said.map((line) => `<div>${line}</div>`).join("");
      this.under.hidden = !answers.length && !said.length;
      this.field.setAttribute("aria-expanded", String(answers.length > 0));
      this.point(answers.length ? 0 : -1);
    },

    point(n) {
      this.chosen = n;
      [...this.list.children].forEach((line, i) => line.setAttribute("aria-selected", String(i === n)));
      if (n < 0) { this.field.removeAttribute("aria-activedescendant"); return; }
      this.field.setAttribute("aria-activedescendant", `${this.list.id}-${n}`);
      this.list.children[n].scrollIntoView({ block: "nearest" });
    },

    go(n) {
      const answer = this.answers[n], map = this.where;
      if (!answer) return;
      this.unmark();
      this.show([], answer.box ? [] : [`${answer.label}: no place of its own to go to.`]);
      this.field.value = Overlay.plain(answer.label, true);
      if (answer.box) this.mark(answer, L.latLngBounds([answer.box[1], answer.box[0]], [answer.box[3], answer.box[2]]));
      if (answer.id && map.find.selects) Overlay.choose(map, answer.layer, answer.id, answer.box ? this.at : map.getCenter());
    },

    mark(answer, bounds) {
      const map = this.where, accent = Overlay.theme.accent, point = bounds.getSouthWest().equals(bounds.getNorthEast());
      this.at = bounds.getCenter();
      const seen = { padding: [40, 40], maxZoom: 17, animate: false };
      if (point) map.setView(this.at, Math.max(map.getZoom(), NEAREST), { animate: false }); else map.fitBounds(bounds, seen);
      if (answer.id && map.find.selects) return;  // the record is marked as the chosen one
      this.marked = L.layerGroup().addTo(map);
      const style = { color: accent, weight: 2.5, fillOpacity: 0.08, dashArray: answer.layer ? "6 4" : null, interactive: false, renderer: Overlay.renderer };
      if (point) {
        L.circleMarker(this.at, { ...style, radius: 9, fill: false }).addTo(this.marked);
        L.circleMarker(this.at, { ...style, radius: 2, fillOpacity: 1 }).addTo(this.marked);
      } else {
        this.marked.addLayer(answer.shape ? L.geoJSON(answer.shape, { style, interactive: false }) : L.rectangle(bounds, style));
      }
      const name = L.divIcon({ className: "overlay-found", html: `<span>${answer.label}</span>`, iconSize: [0, 0] });
      L.marker(point ? this.at : bounds.getNorthWest(), { icon: name, interactive: false, keyboard: false }).addTo(this.marked);
    },

    unmark() { if (this.marked) this.marked = void this.marked.remove(); },
  });

  /** Text of ours that is no HTML yet, made so; or the other way round. */
  Overlay.plain = function (text, back) {
    if (back) return new DOMParser().parseFromString(text, "text/html").body.textContent;
    const box = document.createElement("div");
    box.textContent = text;
    return box.innerHTML;
  };

  /** Tell the page that a record is chosen, as streamlit-folium tells what was drawn. */
  Overlay.choose = function (map, layer, id, at) {
    const chosen = L.marker(at, { opacity: 0, interactive: false });
    chosen.feature = { type: "Feature", properties: { layer, id } };
    map.fire("draw:created", { layer: chosen, layerType: "marker" });
  };

  /** A scene says what its search asks: `find` is {address, selects}. */
  Overlay.find = function (map, find) {
    map.find = find;
    if (find && !map.finder) map.finder = new Find().addTo(map);
    if (!find && map.finder) map.finder = void map.finder.remove();
  };
})();
