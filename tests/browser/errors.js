// Runs before the page's own scripts: keeps every error, and every attempt to load something.
window.findings = { errors: [] };
const note = (text) => window.findings.errors.push(String(text));
addEventListener("error", (event) => note(event.message ?? event.target.src));
addEventListener("unhandledrejection", (event) => note(event.reason));
addEventListener("securitypolicyviolation", (event) => note(`${event.violatedDirective} ${event.blockedURI}`));
console.error = console.warn = note;
// Headless Chromium draws few frames inside another page; the page need not wait for them here.
window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 16);
