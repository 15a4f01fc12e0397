// The filter, the order of tables, and the keys. Without JavaScript all of the page is there but these.

const byId = (id) => document.getElementById(id);
const sections = [...document.querySelectorAll("details")];
// The titles of the list and of the image that a line stands below count as part of it.
const rows = [...document.querySelectorAll("tbody tr, li")].map((element) => {
  const list = element.closest("ul")?.previousElementSibling;
  const group = element.closest(".group")?.firstElementChild;
  return { element, text: [element, list, group].map((e) => e?.textContent ?? "").join("\n").toLowerCase() };
});
let before = null; // which sections were open before the filter

// filter leaves what has all words of a text, and opens what it is in.
function filter(typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  before ??= new Map(sections.map((s) => [s, s.open]));
  const full = new Set();
  let found = 0;
  for (const { element, text } of rows) {
    const fits = words.every((word) => text.includes(word));
    element.hidden = !fits;
    if (!fits) continue;
    found++;
    for (let s = element.closest("details"); s && !full.has(s); s = s.parentElement.closest("details")) full.add(s);
  }
  for (const list of document.querySelectorAll("ul")) {
    const none = list.querySelector("li:not([hidden])") === null;
    list.hidden = none;
    list.previousElementSibling.hidden = none;
  }
  for (const s of sections) {
    s.open = words.length ? full.has(s) : before.get(s);
    s.hidden = words.length > 0 && s.className === "group" && !full.has(s);
  }
  if (!words.length) before = null;
  byId("found").textContent = words.length ? found + (found === 1 ? " line" : " lines") : "";
}

// sort orders the rows of a table by a column: numbers as numbers, texts with the numbers in them.
function sort(th) {
  const body = th.closest("table").tBodies[0];
  const at = th.cellIndex;
  const down = th.getAttribute("aria-sort") === "ascending";
  for (const other of th.parentElement.cells) other.removeAttribute("aria-sort");
  th.setAttribute("aria-sort", down ? "descending" : "ascending");
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const all = [...body.rows].map((row) => [row.cells[at].textContent, row]);
  all.sort(([a], [b]) => (down ? compare(b, a) : compare(a, b)));
  body.append(...all.map(([, row]) => row));
}

for (const th of document.querySelectorAll(".sorts th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...th.childNodes);
  button.addEventListener("click", () => sort(th));
  th.append(button);
}

byId("tools").hidden = false;
byId("tools").addEventListener("submit", (event) => event.preventDefault());
byId("filter").addEventListener("input", () => filter(byId("filter").value));
byId("unfold").addEventListener("click", () => {
  const open = sections.some((s) => !s.open);
  for (const s of sections) s.open = open;
  byId("unfold").textContent = open ? "Fold all" : "Unfold all";
});
switchTheme(byId("theme"), () => {});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target !== byId("filter")) {
    event.preventDefault();
    byId("filter").focus();
  } else if (event.key === "Escape") {
    byId("filter").value = "";
    filter("");
  }
});
