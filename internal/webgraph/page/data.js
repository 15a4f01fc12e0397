// The graph, out of the tables that the page carries.

const tables = JSON.parse(document.getElementById("data").textContent);
const exposures = ["unreachable", "build", "runtime"];
const kinds = ["base", "derived base", "service"];
const BASE = 0, SERVICE = 2, UNREACHABLE = 0;

// running turns differences into numbers.
function running(differences) {
  let sum = 0;
  return differences.map((d) => (sum += d));
}

const nodes = (() => {
  const y = running(tables.y);
  return tables.titles.map((title, i) => {
    const [x, width] = tables.columns[tables.column[i]];
    const path = tables.dirs[i] < 0 ? "" : tables.texts[tables.dirs[i]] + tables.texts[tables.files[i]];
    return {
      index: i, kind: Number(tables.kinds[i]), title, path, x, y: y[i], width, height: tables.height,
      detail: tables.details[i] || path || title,
      images: (tables.images[i] || []).map((n) => tables.texts[n]),
      team: tables.team[i], owners: tables.teams[tables.team[i]].map((n) => tables.texts[n]),
      uses: [], users: [], // what it refers to, and what refers to it
    };
  });
})();

const uses = (() => {
  const from = running(tables.from), to = running(tables.to), assumed = new Set(tables.assumed);
  return from.map((f, i) => {
    const use = {
      from: nodes[f], to: nodes[to[i]], exposure: Number(tables.exposure[i]),
      version: tables.texts[tables.version[i]],
      newer: i in tables.newer ? tables.texts[tables.newer[i]] : "",
      path: i in tables.other ? tables.texts[tables.other[i]] : nodes[to[i]].path,
      line: tables.lines[i], assumed: assumed.has(i),
    };
    use.to.uses.push(use);
    use.from.users.push(use);
    return use;
  });
})();

// The lines of the picture: one between two nodes, with the strongest exposure of its uses.
const arrows = (() => {
  const all = new Map();
  for (const use of uses) {
    if (use.from === use.to) continue; // an earlier tag of its own image
    const key = use.from.index * nodes.length + use.to.index;
    const arrow = all.get(key) || { from: use.from, to: use.to, exposure: UNREACHABLE, uses: [] };
    arrow.exposure = Math.max(arrow.exposure, use.exposure);
    arrow.uses.push(use);
    all.set(key, arrow);
  }
  return [...all.values()];
})();

// number writes a number with its thousands apart.
function number(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

// count writes a number with its noun.
function count(n, noun) {
  return number(n) + " " + noun + (n === 1 ? "" : "s");
}
