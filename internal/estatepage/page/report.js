// The filter, the order of tables, and the keys. Without JavaScript a small report has all but these.

const sections = [...document.querySelectorAll("details")];
let before = null; // which sections were open before the filter

// filter leaves what has all words of a text, and opens what it is in.
function filter(typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  before ??= new Map(sections.map((s) => [s, s.open]));
  const full = new Set();
  let found = 0;
  for (const list of lists) {
    const n = list.filter(words);
    found += n;
    if (n) list.sections.forEach((s) => full.add(s));
  }
  for (const s of sections) {
    s.open = words.length ? full.has(s) : before.get(s);
    s.hidden = words.length > 0 && s.className === "group" && !full.has(s);
  }
  if (!words.length) before = null;
  byId("found").textContent = words.length ? found + (found === 1 ? " line" : " lines") : "";
  fill();
}

// sort orders the rows of a table by a column.
function sort(th) {
  const down = th.getAttribute("aria-sort") === "ascending";
  for (const other of th.parentElement.cells) other.removeAttribute("aria-sort");
  th.setAttribute("aria-sort", down ? "descending" : "ascending");
  lists.find((list) => list.body === th.closest("table").tBodies[0]).sort(th.cellIndex, down);
  fill();
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
document.addEventListener("toggle", fillSoon, true); // of any section
addEventListener("beforeprint", () => fill(Infinity)); // what is unfolded is printed
fill();

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target !== byId("filter")) {
    event.preventDefault();
    byId("filter").focus();
  } else if (event.key === "Escape") {
    byId("filter").value = "";
    filter("");
  }
});
