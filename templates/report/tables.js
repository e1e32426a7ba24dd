// What keeps the page within its window: tables that are wider than their place show their rows as lists, and contents are listed.

/** Gives every cell of a table the heading of its column. */
function label(table) {
  const names = [];
  for (const row of table.tHead?.rows ?? []) {
    let column = row === table.tHead.rows[0] ? 0 : 1;
    for (const cell of row.cells) {
      for (let i = 0; i < cell.colSpan; i++, column++) names[column] = [names[column], cell.textContent].filter(Boolean).join(", ");
    }
  }
  for (const row of table.tBodies[0].rows) [...row.cells].forEach((cell, column) => (cell.dataset.label = names[column] ?? ""));
}

/** Shows the rows of tables as lists where columns find no room. */
function fitTables() {
  for (const place of document.querySelectorAll(".scroll")) {
    const table = place.querySelector(".figures, .checks, .facts");
    if (!table || !place.clientWidth) continue;
    table.classList.remove("stacked");
    if (place.scrollWidth <= place.clientWidth) continue;
    label(table);
    table.classList.add("stacked");
  }
  fitClasses();
}

/** Lists what the page shows at the moment. */
function listContents() {
  const titled = [...document.querySelectorAll("main > section[id]")].filter((section) => !section.hidden && section.querySelector("h2"));
  element("contents").hidden = titled.length < 2;
  element("contents").querySelector("ol").replaceChildren(...titled.map((section) => {
    const [item, link] = [html("li"), html("a", "", section.querySelector("h2").textContent)];
    link.href = `#${section.id}`;
    item.append(link);
    return item;
  }));
}

let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  requestAnimationFrame(redraw);
});
for (const fold of document.querySelectorAll("details")) fold.addEventListener("toggle", fitTables);
