// Unfolds everything and hands over what is cut off, sticks out or lies on top of something else.
(async (done) => {
  const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  await settled();
  await settled();
  const found = [];
  const told = (what, node) => found.push(`${what}: ${node.tagName} ${node.className?.baseVal ?? node.className} ${node.textContent.trim().slice(0, 40)}`);
  const boxOf = (node) => node.getBoundingClientRect();
  /** Read to those who do not see; no larger than a dot. */
  const isSeen = (node) => boxOf(node).width > 1 && boxOf(node).height > 1 && !node.closest(".stacked thead");
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("svg") || node.matches(".skip") || !isSeen(node)) continue;
    if (boxOf(node).right > innerWidth + 1 || boxOf(node).left < -1) told("sticks out", node);
    const cuts = getComputedStyle(node).overflowX !== "visible" && !["INPUT", "SELECT", "CANVAS"].includes(node.tagName);
    if (cuts && node.scrollWidth > node.clientWidth + 1) told("is cut", node);
  }
  for (const chart of document.querySelectorAll("svg")) {
    const texts = [...chart.querySelectorAll("text")].filter(isSeen);
    for (const text of texts) if (boxOf(text).left < boxOf(chart).left - 1 || boxOf(text).right > boxOf(chart).right + 1) told("is cut", text);
    texts.forEach((text, i) => {
      for (const other of texts.slice(i + 1)) {
        const [a, b] = [boxOf(text), boxOf(other)];
        if (a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2) told("lies on another", text);
      }
    });
  }
  // Titles keep away from what stands before them.
  for (const title of document.querySelectorAll("h2, h3, figcaption, summary")) {
    if (!isSeen(title)) continue;
    for (const legend of document.querySelectorAll(".legend, table, dl")) {
      const [a, b] = [boxOf(legend), boxOf(title)];
      const beside = a.left < b.right && b.left < a.right;
      if (isSeen(legend) && beside && a.top < b.top && a.bottom + 6 > b.top && !legend.contains(title)) told("sticks to what is above", title);
    }
  }
  done(found);
})(arguments[0]);
