// Label and style in, drawing out.

/** Calls `used` with the levels of a drawing that is to be looked at. */
function makeEasel(used) {
  const state = { drawn: null, own: false };
  const sliders = [];

  const ask = asker("/draw", ({ image, prediction, confidence }) => {
    state.drawn = image;
    show(element("drawn"), seen(unpacked(image)));
    element("drawn-read").textContent = `The network reads it as ${nameOf(prediction)} (${percent(confidence)}).`;
  });

  function draw() {
    ask({ label: Number(element("style-label").value), style: sliders.map(({ input }) => Number(input.value)) });
  }

  function setStyle(style) {
    sliders.forEach(({ input, output }, i) => {
      input.value = style[i];
      output.textContent = style[i].toFixed(2);
    });
  }

  for (let i = 0; i < facts.styles; i++) {
    const [field, input, output] = [html("label", "field", String(i + 1)), html("input"), html("output")];
    Object.assign(input, { type: "range", min: 0, max: 1, step: 0.005, value: 0.5 });
    input.setAttribute("aria-label", `Style neuron ${i + 1}`);
    output.textContent = "0.50";
    input.addEventListener("input", () => {
      state.own = true;
      output.textContent = Number(input.value).toFixed(2);
      draw();
    });
    field.append(input, output);
    sliders.push({ input, output });
    element("sliders").append(field);
  }
  element("style-label").addEventListener("change", () => {
    state.own = true;
    draw();
  });
  element("style-use").addEventListener("click", () => state.drawn && used(state.drawn));

  if (facts.styles > 0) draw();

  return {
    /** Takes over label and style of a look. */
    take({ prediction, style }) {
      if (style.length === 0) return;
      state.own = false;
      element("style-label").value = prediction;
      setStyle(style);
      draw();
    },
    /** The same, unless the person has set the sliders. */
    follow(look) {
      if (!state.own) this.take(look);
    },
  };
}
