// Small comforts for browsers that run scripts: nothing here is needed to do the work.
"use strict";

// A form that was changed asks before it is left.
const dirty = new Set();
document.addEventListener("input", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target : event.target.form;
  if (form && form.hasAttribute("data-keep") && !event.target.dataset.live) dirty.add(form);
});
document.addEventListener("submit", (event) => dirty.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if (dirty.size > 0) event.preventDefault();
});

// What takes long says that it goes on and for how long, and is not sent twice.
document.addEventListener("submit", (event) => {
  const told = event.target.querySelector(".under-way");
  if (!told || event.defaultPrevented) return;
  const [seconds, began] = [told.querySelector("[data-seconds]"), Date.now()];
  told.counting = setInterval(() => (seconds.textContent = Math.round((Date.now() - began) / 1000)), 1000);
  told.pressed = event.submitter;
  told.hidden = false;
  // What was pressed is sent with the form, and only then goes dull.
  setTimeout(() => told.pressed?.setAttribute("disabled", ""));
});
// Whoever comes back by the browser's own way finds the form as it was.
window.addEventListener("pageshow", () => {
  for (const told of document.querySelectorAll(".under-way:not([hidden])")) {
    clearInterval(told.counting);
    told.pressed?.removeAttribute("disabled");
    told.hidden = true;
  }
});

// A form that is computed as one types: what comes back replaces the elements of the same id. A box may ask elsewhere
// than its form does.
let waiting;
async function compute(form, address) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "x-quiet": "0" },
    body: new URLSearchParams(new FormData(form)),
  }).catch(() => null);
  if (!answer || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[id]")) {
    const old = document.getElementById(fresh.id);
    if (old && old.contains(document.activeElement) === false) old.replaceWith(fresh);
  }
}
document.addEventListener("input", (event) => {
  const form = event.target.form;
  const address = event.target.dataset.live || form?.dataset.live;
  if (!form || !address) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => compute(form, address), 300);
});
document.addEventListener("keydown", (event) => {
  const { form, dataset } = event.target;
  if (event.key !== "Enter" || event.isComposing || !form || !dataset?.live) return;
  event.preventDefault();
  clearTimeout(waiting);
  compute(form, dataset.live);
});

// A page that shows what is going on is drawn anew when something has changed.
if (document.querySelector("main[data-live]")) {
  const quiet = { headers: { "x-quiet": "1" } };
  new EventSource("/events").addEventListener("changed", async () => {
    if (dirty.size > 0 || document.activeElement?.form) return;
    const answer = await fetch(location.href, quiet).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (fresh) document.getElementById("main").replaceWith(fresh);
  });
}

// A page that only waits for work to be done asks again, and becomes what came of it.
const soon = () => document.querySelector("main[data-soon]");
async function askAgain() {
  const asked = { headers: { "x-quiet": "1" }, redirect: "manual" };
  const answer = await fetch(location.href, asked).catch(() => null);
  // What was done is told on the page that it leads to.
  if (answer?.type === "opaqueredirect") return location.reload();
  const page = answer && new DOMParser().parseFromString(await answer.text().catch(() => ""), "text/html");
  const fresh = page?.getElementById("main");
  for (const lost of document.querySelectorAll("[data-lost]")) lost.hidden = Boolean(fresh);
  if (fresh) {
    document.title = page.title;
    document.getElementById("main").replaceWith(fresh);
  }
  if (soon()) setTimeout(askAgain, 1000);
}
if (soon()) setTimeout(askAgain, 1000);

// A table that is larger than its place can be reached, and scrolled, with the keyboard.
const reach = () => {
  for (const wide of document.querySelectorAll(".wide")) {
    if (wide.scrollWidth > wide.clientWidth || wide.scrollHeight > wide.clientHeight) wide.tabIndex = 0;
    else wide.removeAttribute("tabindex");
  }
};
new ResizeObserver(reach).observe(document.body);
new MutationObserver(reach).observe(document.body, { childList: true, subtree: true });

// All boxes of a list at once, or none of them.
for (const button of document.querySelectorAll("[data-tick]")) button.hidden = false;
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-tick]")?.dataset.tick;
  if (!form) return;
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${form}"]`)];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});

// Printing without the menu.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
