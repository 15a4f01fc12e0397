// What happens when the page is opened, a filter changes, or a key is pressed.

const byId = (id) => document.getElementById(id);

listeners.push((what) => {
  if (what === "filter") {
    filter();
    updateList();
  }
  if (what === "choice") {
    updateChoice();
    updateDetails();
  }
  draw();
});

// summarize says what the page is about, and offers the teams that there are.
function summarize() {
  const services = nodes.filter((node) => node.kind === SERVICE).length;
  const outdated = nodes.filter((node) => node.isOutdated).length;
  byId("summary").textContent = [
    count(nodes.length - services, "base"), count(services, "service"), count(uses.length, "reference"), number(outdated) + " outdated",
    tables.revision ? "commit " + tables.revision.slice(0, 12) : "",
  ].filter(Boolean).join(" · ");
  const teams = [...new Set(nodes.flatMap((node) => node.owners))].sort();
  for (const team of teams) byId("team").append(element("option", team));
  byId("team-label").hidden = teams.length === 0;
}

for (const [id, read] of [["search", (e) => e.value], ["exposure", (e) => e.value], ["team", (e) => e.value], ["outdated", (e) => e.checked]]) {
  byId(id).addEventListener("input", () => {
    state[id] = read(byId(id));
    changed("filter");
  });
}
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("search").addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "Enter" || !current) return;
  event.preventDefault();
  current.button.focus();
});

byId("zoom-in").addEventListener("click", () => zoom(1.25));
byId("zoom-out").addEventListener("click", () => zoom(0.8));
byId("fit").addEventListener("click", fit);

switchTheme(byId("theme"), () => {
  readColors();
  draw();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target !== byId("search")) {
    event.preventDefault();
    byId("search").focus();
  } else if (event.key === "Escape") {
    choose(null);
  }
});

readColors();
fillList();
filter();
updateList();
summarize();
if (tables.chosen) {
  state.title = tables.chosen.title;
  state.marked = new Set(tables.chosen.bases.map((i) => nodes[i]));
  state.waves = new Map(Object.entries(tables.chosen.waves).map(([i, wave]) => [nodes[i], wave]));
}
updateDetails();
new ResizeObserver(resize).observe(canvas.parentElement);
resize();
