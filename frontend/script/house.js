// What the frame adds where JavaScript is on; every page works without it.
import "htmx.org";
import { startGrids } from "./grid.js";

const search = document.getElementById("find");
const palette = document.getElementById("palette");
const words = document.getElementById("words"); // the box of the page it leads to
if (words) words.focus();
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
  if (palette && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)
      && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    window.location.assign(palette.href);
  }
  if (event.key === "Escape") closeMenus(null);
});

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === except) continue;
    const held = menu.contains(document.activeElement);
    menu.open = false;
    if (held) menu.querySelector("summary").focus();
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

document.getElementById("error-summary")?.focus();
startGrids(document);
document.addEventListener("htmx:afterSwap", (event) => startGrids(event.target));

// A demonstration's sign-ins fill the form.
for (const button of document.querySelectorAll("[data-fill-login]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.querySelector("input[name=login]").value = button.dataset.fillLogin;
    document.querySelector("input[name=password]").value = button.dataset.fillPassword;
    document.querySelector("main form .btn-primary").focus();
  });
}

// A paper is printed by its own button; without JavaScript by the browser's.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// One press of a button sends once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
