// Verdicts on a person's own images: their pictures, and a threshold that can be moved.

function drawScreened() {
  for (const section of document.querySelectorAll(".screened")) {
    const { screened } = runs[section.dataset.run];
    const cards = [...section.querySelectorAll(".card")];
    if (!cards.length) continue;
    if (screened.pictures) paintScreened(screened.pictures, cards);
    if (screened.threshold !== null) followScreened(section, screened, cards);
    for (const card of cards) {
      card.addEventListener("click", () => card.setAttribute("aria-expanded", String(card.getAttribute("aria-expanded") !== "true")));
    }
  }
}

/** The image of each card, and beside it what the network draws of it. */
function paintScreened({ shape, image, drawn }, cards) {
  const [, rows, width] = shape;
  const columns = [image, ...(drawn ? [drawn.predicted, drawn.alternative] : [])].map(unpacked);
  cards.forEach((card, i) => {
    const canvas = card.querySelector("canvas");
    canvas.width = columns.length * (width + GAP) - GAP;
    canvas.height = rows;
    const context = canvas.getContext("2d");
    columns.forEach((levels, column) => paint(context, colours(pictureAt(levels, i, shape), shape), shape, column * (width + GAP)));
  });
}

/** Lets the slider move the threshold from the lowest score to the highest, and the verdicts follow. */
function followScreened(section, screened, cards) {
  const scores = new Float32Array(unpacked(screened.scores).buffer);
  const form = section.querySelector("form");
  const [slider, output, reset, status] = ["input", "output", "button", "[role=status]"].map((name) => form.querySelector(name));
  const axis = linear(scores[scores.length - 1], scores[0]);
  const inUse = Math.fround(screened.threshold);
  const move = (threshold) => {
    slider.value = Math.round(1000 * axis.at(threshold));
    slider.setAttribute("aria-valuetext", short(threshold));
    output.textContent = short(threshold);
    reset.disabled = threshold === inUse;
    const accepted = scores.findIndex((score) => score <= threshold);
    status.textContent = `${accepted < 0 ? scores.length : accepted} of ${scores.length} flagged`;
    for (const card of cards) {
      const verdict = card.querySelector(".verdict");
      const flagged = Math.fround(card.dataset.score) > threshold;
      verdict.textContent = flagged ? flaggedText(card.dataset.reason) : "accepted";
      verdict.classList.toggle("is-suspicious", flagged);
    }
  };
  slider.addEventListener("input", () => move(Math.fround(axis.back(slider.value / 1000))));
  reset.addEventListener("click", () => move(inUse));
  form.addEventListener("submit", (event) => event.preventDefault());
  move(inUse);
}
