// Images of the split to choose from.

/** Calls `chosen` with the position of an image. */
function makePicker(chosen) {
  const state = { index: null, next: 0 };

  const ask = asker("/pick", ({ indices, labels, images, next }) => {
    const pixels = unpacked(images);
    state.next = next;
    element("pick-more").disabled = next === null;
    element("thumbnails-none").hidden = indices.length > 0;
    element("thumbnails").replaceChildren(...indices.map((index, i) => {
      const [item, button] = [html("li"), html("button")];
      const canvas = picture("", "");
      canvas.setAttribute("aria-hidden", "true");
      canvas.removeAttribute("role");
      canvas.removeAttribute("aria-label");
      show(canvas, seen(pictureAt(pixels, i, facts.shape)));
      button.type = "button";
      button.dataset.index = index;
      button.setAttribute("aria-label", `image ${index}, ${nameOf(labels[i])}`);
      button.setAttribute("aria-pressed", String(index === state.index));
      button.append(canvas, nameOf(labels[i]));
      button.addEventListener("click", () => choose(index));
      item.append(button);
      return item;
    }));
  });

  function choose(index) {
    state.index = index;
    for (const button of element("thumbnails").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.index) === index));
    }
    chosen(index);
  }

  function list(from) {
    const label = element("pick-class").value;
    ask({ label: label === "" ? null : Number(label), wrong: element("pick-wrong").checked, from });
  }

  element("pick-class").form.addEventListener("submit", (event) => event.preventDefault());
  element("pick-class").addEventListener("change", () => list(0));
  element("pick-wrong").addEventListener("change", () => list(0));
  element("pick-first").addEventListener("click", () => list(0));
  element("pick-more").addEventListener("click", () => list(state.next));
  return { list, choose, index: () => state.index };
}
