// Uses the page as a person would and hands over what happened.
(async (done) => {
  const findings = { error: null };
  const element = (id) => document.getElementById(id);
  const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
  const change = async (id, value, event) => {
    element(id).value = value;
    element(id).dispatchEvent(new Event(event));
    await settled();
  };
  const table = () => [...element("confusion").tBodies[0].rows].map((row) => [...row.cells].slice(1, 3).map((cell) => Number(cell.textContent.replace(",", ""))));
  const shown = () => [...element("cards").children].filter((card) => !card.hidden);
  try {
    while (!document.documentElement.dataset.ready) await settled();
    findings.overflow = document.documentElement.scrollWidth - innerWidth;
    findings.width = innerWidth;
    findings.paths = document.querySelectorAll("#roc path.line").length;
    findings.start = table();
    findings.threshold = element("threshold-value").textContent;
    await change("threshold", 1000, "input");
    findings.high = table();
    await change("threshold", 0, "input");
    findings.low = table();
    element("reset").click();
    await settled();
    findings.back = table();
    await change("set", 0, "change"); // fgsm@0.1, which fools fewer than the gallery shows
    for (const status of ["failed", "fooled", "all"]) {
      await change("gallery-status", status, "change");
      findings[status] = shown().map((card) => card.querySelector(".verdict").textContent.split(",")[0]);
    }
    // The detector that flagged in the run says why, and no other does.
    const why = () => shown().map((card) => card.querySelector(".verdict").textContent).filter((text) => text.includes("flagged: ")).length;
    await change("gallery-status", "flagged", "change");
    findings.flags = shown().length;
    findings.reasons = why();
    const chosen = element("detector").value;
    await change("detector", (Number(chosen) + 1) % element("detector").options.length, "change");
    findings.othersReasons = why();
    await change("detector", chosen, "change");
    await change("gallery-status", "all", "change");
    await change("gallery-order", "lowest", "change");
    findings.scores = shown().map((card) => Number(card.querySelector(".title .value").textContent));
    const first = shown()[0].querySelector("button");
    findings.hiddenNumbers = getComputedStyle(first.querySelector(".details")).display;
    first.click();
    findings.numbers = getComputedStyle(first.querySelector(".details")).display;
    findings.security = document.querySelectorAll("#security .undetected path.line.own").length;
  } catch (error) {
    findings.error = String(error.stack);
  }
  done(findings);
})(arguments[0]);
