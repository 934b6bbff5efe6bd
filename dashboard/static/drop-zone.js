export default function (component) {
  const { setTriggerValue, parentElement } = component;
  const zone = parentElement.querySelector(".zone"), input = zone.querySelector("input"), bar = zone.querySelector("progress");
  const send = (file) => {
    if (!file || zone.dataset.busy) return;
    zone.dataset.busy = "1"; bar.hidden = false; bar.value = 0;
    const request = new XMLHttpRequest();
    request.open("POST", "/upload");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.upload.onprogress = (e) => { if (e.lengthComputable) { if (e.loaded < e.total) bar.value = e.loaded / e.total; else bar.removeAttribute("value"); } };
    const done = (answer) => { delete zone.dataset.busy; bar.hidden = true; input.value = ""; setTriggerValue("uploaded", answer); };
    request.onload = () => {
      try { done(JSON.parse(request.responseText)); }
      catch (e) { done({ error: { where: file.name, found: "answer " + request.status, expected: "a draft", remedy: "Try again." } }); }
    };
    request.onerror = () => done({ error: { where: file.name, found: "no answer from the server", expected: "a draft", remedy: "Check that the server runs, then try again." } });
    request.send(file);
  };
  input.onchange = () => send(input.files[0]);
  zone.ondragover = (e) => { e.preventDefault(); zone.classList.add("over"); };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = (e) => { e.preventDefault(); zone.classList.remove("over"); send(e.dataTransfer.files[0]); };
  zone.onkeydown = (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); input.click(); } };
}
