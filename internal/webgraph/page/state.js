// What is chosen and what is filtered, and who is told when that changes.

const state = {
  node: null,        // that a person has chosen
  title: "",         // of what is highlighted
  waves: new Map(),  // of what is rebuilt
  marked: new Set(), // the bases that are bumped, or what a service is based on
  search: "", exposure: "", team: "", outdated: false,
};
const listeners = [];

// choose highlights what belongs to a node; null for nothing.
function choose(node) {
  state.node = node;
  state.waves = node && node.kind !== SERVICE ? wavesOf([node]) : new Map();
  state.marked = !node ? new Set() : node.kind === SERVICE ? foundationsOf(node) : new Set([node]);
  state.title = node ? node.title : "";
  changed("choice");
}

// changed tells everybody.
function changed(what) {
  for (const listener of listeners) listener(what);
}

// isHighlighting reports whether something is highlighted, so that the rest is grey.
function isHighlighting() {
  return state.marked.size > 0;
}

// isHighlighted reports whether a node belongs to what is highlighted.
function isHighlighted(node) {
  return node === state.node || state.marked.has(node) || state.waves.has(node);
}

// passes reports whether a use is what the filters ask for.
function passes(use) {
  return (state.exposure === "" || use.exposure === Number(state.exposure)) && (!state.outdated || use.newer !== "");
}

// filter marks the nodes and arrows that the filters leave: builds with such a use, and the bases of these.
function filter() {
  const byUse = state.exposure !== "" || state.outdated;
  for (const node of nodes) {
    node.shown = node.path !== "" && (state.team === "" || node.owners.includes(state.team)) && (!byUse || node.uses.some(passes));
  }
  const own = nodes.map((node) => node.shown);
  const isFiltered = byUse || state.team !== "";
  for (const node of nodes) {
    if (node.kind !== SERVICE && !node.shown) {
      node.shown = !isFiltered || node.users.some((use) => own[use.to.index] && passes(use));
    }
  }
  const search = state.search.trim().toLowerCase();
  for (const node of nodes) {
    node.found = search === "" || node.text.includes(search);
    node.listed = node.shown && node.found;
  }
  for (const arrow of arrows) arrow.shown = arrow.from.shown && arrow.to.shown && arrow.uses.some(passes);
}

for (const node of nodes) node.text = [node.title, node.detail, ...node.images].join("\n").toLowerCase();
