// Sends files one after another. A shapefile's parts that come together go as one upload: one body, part after part,
// and a header that says where each begins. Nothing is read into memory: a Blob of files is streamed from the disk.
const COMPANIONS = /\.(shp|dbf|shx|prj|cpg|sbn|sbx|qix|qpj|shp\.xml)$/i;

function uploads(files) {
  const groups = new Map(), shapefiles = new Set();
  for (const file of files) if (/\.shp$/i.test(file.name)) shapefiles.add(file.name.replace(/\.shp$/i, "").toLowerCase());
  for (const file of files) {
    const stem = file.name.replace(COMPANIONS, "").toLowerCase();
    const key = COMPANIONS.test(file.name) && shapefiles.has(stem) ? "shapefile " + stem : "file " + groups.size;
    groups.set(key, [...(groups.get(key) || []), file]);
  }
  return [...groups.values()].map((parts) => parts.sort((a, b) => /\.shp$/i.test(b.name) - /\.shp$/i.test(a.name)));
}

export default function (component) {
  const root = component.parentElement, find = (name) => root.querySelector(name);
  const zone = find(".zone"), input = find("input"), bar = find("progress"), words = find(".words"), sending = find(".sending"), stop = find(".stop");
  zone.classList.toggle("small", Boolean(component.data && component.data.small));
  zone.tell = (answer) => component.setTriggerValue("uploaded", answer);  // always that of the latest run
  zone.waiting = zone.waiting || [];

  const show = (busy, text) => {
    zone.classList.toggle("busy", busy); words.hidden = busy; sending.hidden = bar.hidden = stop.hidden = !busy;
    sending.textContent = text || "";
  };
  const problem = (name, found, remedy) => ({ error: { where: name, found, expected: "a file that was received", remedy } });

  const next = () => {
    const parts = zone.waiting.shift();
    if (!parts) { zone.request = null; show(false); return; }
    const name = parts[0].name, more = zone.waiting.length;
    show(true, "Sending " + name + (more ? ", " + more + " more after it" : ""));
    bar.value = 0;
    const request = (zone.request = new XMLHttpRequest());
    request.open("POST", "/upload");
    request.setRequestHeader("X-File-Parts", encodeURIComponent(JSON.stringify(parts.map((p) => [p.name, p.size]))));
    request.upload.onprogress = (e) => { if (e.lengthComputable) bar.value = e.loaded / e.total; };
    const done = (answer) => { zone.tell(answer); next(); };
    request.onload = () => {
      try { done(JSON.parse(request.responseText)); }
      catch (e) { done(problem(name, "answer " + request.status, "Try again.")); }
    };
    request.onerror = () => done(problem(name, "no answer from the server, or a file that changed meanwhile", "Check that the server runs, then try again."));
    request.onabort = () => { zone.request = null; show(false); };
    request.send(parts.length === 1 ? parts[0] : new Blob(parts));
  };
  const send = (files) => {
    zone.waiting.push(...uploads([...files]));
    input.value = "";
    if (!zone.request) next();
  };

  input.onchange = () => send(input.files);
  stop.onclick = () => { zone.waiting = []; if (zone.request) zone.request.abort(); };
  zone.ondragover = (e) => { e.preventDefault(); zone.classList.add("over"); };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = (e) => { e.preventDefault(); zone.classList.remove("over"); send(e.dataTransfer.files); };
  zone.onkeydown = (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); input.click(); } };
}
