// The drawing area: lines in [0, 1] by mouse, pen, finger or keyboard.

const INK = "#f4f4f2";
/** Steps of the keyboard across the area. */
const STEP = 1 / 40;

/** Calls `changed` when the drawing has, and `idle` when nothing is left of it. */
function makePad(changed, idle) {
  const canvas = element("pad");
  const context = canvas.getContext("2d");
  const cursor = { at: [0.5, 0.25], down: false, shown: false };
  let lines = [];

  function redraw() {
    const { width } = canvas;
    context.clearRect(0, 0, width, width);
    // The image has 28 pixels, of which a character takes 20 or more; here it takes most of the area.
    context.lineWidth = (element("pen").value / 24) * width;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = INK;
    for (const line of lines) {
      context.beginPath();
      const [first, ...rest] = line.map(([x, y]) => [x * width, y * width]);
      context.moveTo(...first);
      for (const point of rest.length ? rest : [first]) context.lineTo(...point);
      context.stroke();
    }
    if (cursor.shown) {
      const [x, y] = cursor.at.map((place) => place * width);
      context.lineWidth = 3;
      context.strokeStyle = cursor.down ? "#56b4e9" : "#f0883e";
      context.beginPath();
      context.arc(x, y, 12, 0, 2 * Math.PI);
      context.moveTo(x - 20, y);
      context.lineTo(x + 20, y);
      context.moveTo(x, y - 20);
      context.lineTo(x, y + 20);
      context.stroke();
    }
    element("invitation").hidden = lines.length > 0 || cursor.shown;
    element("undo").disabled = element("clear").disabled = !lines.length;
  }

  function update() {
    redraw();
    if (lines.length) changed();
    else idle();
  }

  const within = (place) => Math.min(Math.max(place, 0), 1);
  const pointOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  const far = ([a, b], [c, d]) => Math.hypot(a - c, b - d) > 0.004;
  const room = () => lines.reduce((sum, line) => sum + line.length, 0) < 3900;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    cursor.shown = cursor.down = false;
    lines.push([pointOf(event)]);
    update();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId) || !lines.length) return;
    const line = lines[lines.length - 1];
    const events = event.getCoalescedEvents?.() ?? [];
    for (const point of (events.length ? events : [event]).map(pointOf)) {
      if (far(point, line[line.length - 1]) && room()) line.push(point);
    }
    update();
  });

  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (move) {
      const by = STEP * (event.shiftKey ? 4 : 1);
      cursor.at = cursor.at.map((place, axis) => within(place + by * move[axis]));
      if (cursor.down && room()) lines[lines.length - 1].push(cursor.at);
      if (cursor.down) update();
      else redraw();
    } else if (event.key === " ") {
      cursor.down = !cursor.down && room();
      if (cursor.down) lines.push([cursor.at]);
      update();
    } else if (event.key === "Backspace") {
      undo();
    } else {
      return;
    }
    event.preventDefault();
  });
  canvas.addEventListener("focus", () => {
    cursor.shown = canvas.matches(":focus-visible");
    redraw();
  });
  canvas.addEventListener("blur", () => {
    cursor.shown = cursor.down = false;
    redraw();
  });

  function undo() {
    cursor.down = false;
    lines.pop();
    update();
  }
  element("undo").addEventListener("click", undo);
  element("clear").addEventListener("click", () => {
    cursor.down = false;
    lines = [];
    update();
  });
  element("pen").addEventListener("input", update);
  redraw();
  return { source: () => (lines.length ? { strokes: { lines, pen: Number(element("pen").value) } } : null) };
}
