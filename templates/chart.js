// Charts as SVG: an area with two axes, lines in it, and nothing else.

const SVG = "http://www.w3.org/2000/svg";

const element = (id) => document.getElementById(id);

/** An SVG element with attributes, inside `parent`. */
function svg(parent, tag, { style, ...attributes }, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (style) element.style.cssText = style; // as an attribute a strict policy forbids it
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** An HTML element with a class and text. */
function html(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

const linear = (low, high) => ({ low, high, at: (value) => (value - low) / (high - low || 1), back: (share) => low + share * (high - low) });

function logarithmic(low, high) {
  const [a, b] = [Math.log(low), Math.log(high)];
  return { low, high, at: (value) => (Math.log(Math.max(value, low)) - a) / (b - a), back: (share) => Math.exp(a + share * (b - a)) };
}

/** Round values from `low` to `high`, some `count` of them. */
function ticks(low, high, count) {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= raw);
  const values = [];
  for (let i = Math.ceil(low / step); i * step <= high + step / 1e6; i++) values.push(Number((i * step).toPrecision(12)));
  return values;
}

/** Powers of ten from `low` to `high`, thinned to at most six. */
function decades(low, high) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.ceil((last - first + 1) / 6);
  const values = [];
  for (let power = first; power <= last; power += every) values.push(Number(`1e${power}`));
  return values;
}

const HEIGHT = 320;
const MARGIN = { left: 54, right: 20, top: 12, bottom: 42 };
/** Width of a chart: that of its place, so that text keeps its size. */
const widthOf = (place) => Math.min(Math.max(place.clientWidth || document.documentElement.clientWidth - 32, 240), 560);

/** Colours of a palette: `c` are detectors, `a` attacks and runs. Where they are used up they begin anew, with dashes. */
const COLOURS = { c: 12, a: 8 };
const DASHES = ["", "7 4", "2 3"];
/** How the line with that number looks. */
const markOf = (palette, number) => ({ colour: `var(--${palette}${number % COLOURS[palette]})`, dash: DASHES[Math.min(Math.floor(number / COLOURS[palette]), DASHES.length - 1)] });
const WORST = { colour: "var(--ink)", dash: DASHES[1] };

/** An empty chart in `place` with axes `x` and `y`: `{ scale, ticks, label, format }`. */
function chart(place, name, x, y) {
  place.replaceChildren();
  const width = widthOf(place);
  const root = svg(place, "svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": name });
  const [right, bottom] = [width - MARGIN.right, HEIGHT - MARGIN.bottom];
  const left = (value) => MARGIN.left + x.scale.at(value) * (right - MARGIN.left);
  const top = (value) => bottom - y.scale.at(value) * (bottom - MARGIN.top);
  const axes = svg(root, "g", { class: "axes" });
  for (const value of y.ticks) {
    svg(axes, "line", { x1: MARGIN.left, x2: right, y1: top(value), y2: top(value) });
    svg(axes, "text", { x: MARGIN.left - 7, y: top(value) + 4, "text-anchor": "end" }, (y.format ?? String)(value));
  }
  for (const value of x.ticks) {
    svg(axes, "text", { x: left(value), y: bottom + 17, "text-anchor": "middle" }, (x.format ?? String)(value));
  }
  svg(axes, "line", { class: "base", x1: MARGIN.left, x2: right, y1: bottom, y2: bottom });
  svg(axes, "text", { class: "title", x: (MARGIN.left + right) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, x.label);
  return { root, left, top, bottom, right, width, x: x.scale };
}

/** A line through `points`, pairs of x and y, without those that the eye cannot tell from their predecessor. */
function line(area, points, className, mark) {
  let path = "";
  let last = null;
  points.forEach(([x, y], i) => {
    const point = [area.left(x), area.top(y)];
    const near = last && Math.abs(point[0] - last[0]) < 0.4 && Math.abs(point[1] - last[1]) < 0.4;
    if (near && i + 1 < points.length) return;
    path += `${path ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    last = point;
  });
  return svg(area.root, "path", { d: path, class: `line ${className}`, style: `stroke: ${mark.colour}; stroke-dasharray: ${mark.dash || "none"}` });
}

function dots(area, points, mark) {
  for (const [x, y] of points) {
    svg(area.root, "circle", { cx: area.left(x), cy: area.top(y), r: 3, style: `fill: ${mark.colour}` });
  }
}

/** Calls `move` with the value on the x-axis while the pointer is down in the chart. */
function draggable(area, move) {
  area.root.classList.add("draggable");
  const follow = (event) => {
    const box = area.root.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * area.width;
    const share = (across - MARGIN.left) / (area.right - MARGIN.left);
    move(area.x.back(Math.min(Math.max(share, 0), 1)));
  };
  area.root.addEventListener("pointerdown", (event) => {
    area.root.setPointerCapture(event.pointerId);
    follow(event);
  });
  area.root.addEventListener("pointermove", (event) => {
    if (area.root.hasPointerCapture(event.pointerId)) follow(event);
  });
}

/** A piece of a line, to stand before its name. */
function keyOf({ colour, dash }) {
  const key = html("span", "key");
  key.style.background = dash ? `repeating-linear-gradient(90deg, ${colour} 0 6px, transparent 6px 10px)` : colour;
  return key;
}

/** Fills a list with names beside the colours of their lines. */
function legend(list, entries) {
  list.replaceChildren(
    ...entries.map(({ name, mark, value, title, pressed, choose }) => {
      const item = html("li");
      const inside = choose ? html("button", "entry") : item;
      if (choose) {
        inside.type = "button";
        inside.setAttribute("aria-pressed", String(pressed));
        inside.addEventListener("click", choose);
        item.append(inside);
      }
      if (title) inside.title = title;
      inside.append(keyOf(mark), name);
      if (value !== undefined) inside.append(html("span", "value", value));
      return item;
    }),
  );
}
