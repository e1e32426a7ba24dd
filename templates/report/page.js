// The controls, and who is redrawn when they move.

/** Takes over a choice and redraws what depends on it. */
function choose(changes, focus) {
  Object.assign(view, changes);
  if (changes.run) {
    view.set = worstSet(changes.run);
    view.detector = changes.run.detection?.chosen ?? 0;
  }
  limit = PAGE;
  redraw();
  if (focus) element(focus).querySelector("[aria-pressed=true]")?.focus();
}

/** Draws everything anew. */
function redraw() {
  fillControls();
  drawMatrix();
  drawDetection(moveTo);
  drawCurves();
  drawClasses();
  drawGallery();
  drawTraining();
  followThreshold();
  fitTables();
  listContents();
}

function fillControls() {
  const { run, set, detector } = view;
  const scored = Boolean(run.detection && set?.scored);
  const fill = (id, names, chosen) => {
    element(id).replaceChildren(...names.map((name, i) => new Option(name, i, false, i === chosen)));
  };
  fill("run", runs.map(({ name }) => name), runs.indexOf(run));
  fill("set", run.sets.map(({ name }) => name), run.sets.indexOf(set));
  fill("detector", run.detection?.detectors.map(({ id }) => id) ?? [], detector);
  element("run-field").hidden = runs.length < 2;
  for (const field of document.querySelectorAll(".scored")) field.hidden = !scored;
  for (const table of document.querySelectorAll(".sets")) table.hidden = table.dataset.run !== String(runs.indexOf(run));
  element("attacks").hidden = !run.sets.length;
  element("controls").hidden = !runs.some(({ sets }) => sets.length);
}

/** Everything that follows the threshold, at most once per frame. */
function followThreshold() {
  const { run, set, detector } = view;
  if (run.detection && set?.scored) {
    const { threshold } = view;
    const slider = element("threshold");
    slider.value = Math.round(1000 * scoreAxis(run, set, detector).at(threshold));
    const text = exact(threshold);
    element("threshold-value").textContent = text;
    slider.setAttribute("aria-valuetext", text);
    element("reset").disabled = threshold === run.detection.detectors[detector].inUse;
    follow();
    followSets();
  }
  followMatrix();
  followCurves();
  followGallery();
}

/** The columns of the table of sets that depend on detector and threshold. */
function followSets() {
  const { run, detector, threshold } = view;
  const table = document.querySelector(`.sets[data-run="${runs.indexOf(run)}"]`);
  for (const row of table.querySelectorAll("tr[data-set]")) {
    const set = run.sets[row.dataset.set];
    row.classList.toggle("current", set === view.set);
    if (!set.scored) continue;
    const found = verdicts(run, set, detector, threshold);
    const texts = { auroc: areaText(run, set, detector) };
    for (const name of ["detected", "undetected", "robust"]) texts[name] = set.natural && name !== "detected" ? DASH : percent(found[name]);
    for (const cell of row.querySelectorAll("[data-figure]")) cell.textContent = texts[cell.dataset.figure];
  }
}

let frame = 0;
function moveTo(threshold) {
  view.run.detection.detectors[view.detector].threshold = Math.fround(threshold);
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    followThreshold();
  });
}

element("controls").addEventListener("submit", (event) => event.preventDefault());
element("run").addEventListener("change", (event) => choose({ run: runs[event.target.value] }));
element("set").addEventListener("change", (event) => choose({ set: view.run.sets[event.target.value] }));
element("detector").addEventListener("change", (event) => choose({ detector: Number(event.target.value) }));
element("threshold").addEventListener("input", (event) => {
  moveTo(scoreAxis(view.run, view.set, view.detector).back(event.target.value / 1000));
});
element("reset").addEventListener("click", () => moveTo(view.run.detection.detectors[view.detector].inUse));
element("gallery-status").addEventListener("change", () => {
  limit = PAGE;
  followGallery();
});
element("gallery-order").addEventListener("change", drawGallery);
element("gallery-more").addEventListener("click", () => {
  limit += PAGE;
  followGallery();
});

// Charts come after the first paint: the figures above them do not wait.
requestAnimationFrame(() => setTimeout(() => {
  drawScreened();
  choose({});
  document.documentElement.dataset.ready = "true";
}));
