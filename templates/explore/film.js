// An attack on its way, frame by frame.

const FRAME_TIME = 110;
/** Powers of ten of the share of clean images that score higher. */
const RARITIES = [1, 0.1, 0.01, 0.001].filter((share) => share * facts.validation >= 1);

/** `showFrame(frame, first)` paints a frame. */
function makeFilm(showFrame) {
  const state = { frames: [], timer: 0, marks: [] };

  function stop() {
    clearInterval(state.timer);
    state.timer = 0;
  }

  function seek(position) {
    const frame = state.frames[position];
    element("frame").value = position;
    element("frame-value").textContent = `${position + 1} of ${state.frames.length}`;
    element("frame").setAttribute("aria-valuetext", `${position + 1} of ${state.frames.length}: ${nameOf(frame.prediction)}, ${frame.verdict.flagged ? "flagged" : "accepted"}`);
    for (const { area, mark } of state.marks) {
      mark.setAttribute("x1", area.left(position));
      mark.setAttribute("x2", area.left(position));
    }
    showFrame(frame, state.frames[0]);
  }

  function draw(before) {
    const last = state.frames.length - 1;
    const x = { scale: linear(0, Math.max(last, 1)), ticks: [], label: "from the image to the end of the attack" };
    const share = { scale: linear(0, 1), ticks: [0, 0.5, 1], format: (v) => `${100 * v} %` };
    const rare = { scale: logarithmic(1 / facts.validation, 1), ticks: RARITIES, format: (share) => `${Number((100 * share).toPrecision(1))} %` };
    element("remains-title").textContent = `Probability of ${nameOf(before)}`;
    element("rarity-title").textContent = `Clean images that ${facts.chosen} finds more suspicious`;
    const curves = [
      ["remains", share, ({ remains }) => remains, WORST.colour],
      ["rarity", rare, ({ verdict }) => verdict.above, markOf("c", facts.colours[facts.chosen]).colour],
    ];
    state.marks = curves.map(([place, y, value, colour]) => {
      const area = chart(element(place), element(`${place}-title`).textContent, x, y);
      if (place === "rarity") {
        const at = area.top(state.frames[0].verdict.threshold_above);
        svg(area.root, "line", { class: "threshold", x1: MARGIN.left, x2: area.right, y1: at, y2: at });
      }
      line(area, state.frames.map((frame, i) => [i, value(frame)]), "own", { colour, dash: "" });
      const mark = svg(area.root, "line", { class: "now", y1: MARGIN.top, y2: area.bottom });
      return { area, mark };
    });
  }

  element("frame").addEventListener("input", (event) => {
    stop();
    seek(Number(event.target.value));
  });

  return {
    hide() {
      stop();
      state.frames = [];
      element("film").hidden = true;
    },
    /** Shows the frames; plays them unless the person wants no motion. */
    play(frames, before) {
      stop();
      for (const frame of frames) frame.image = unpacked(frame.image);
      state.frames = frames;
      element("film").hidden = frames.length === 0;
      if (!frames.length) return;
      element("frame").max = frames.length - 1;
      draw(before);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      element("seen").scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
      if (still) {
        seek(frames.length - 1);
        return;
      }
      let position = 0;
      seek(position);
      state.timer = setInterval(() => {
        position += 1;
        if (position >= frames.length) stop();
        else seek(position);
      }, FRAME_TIME);
    },
  };
}
