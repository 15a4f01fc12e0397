// What is known of the chosen node.

const details = document.getElementById("details-text");
const MOST = 30; // rows of a list that are shown before a person asks for all

// element makes an element with a text or with children. Texts are never read as HTML.
function element(name, content, className) {
  const e = document.createElement(name);
  if (className) e.className = className;
  e.append(...[].concat(content));
  return e;
}

// link makes a button that chooses a node.
function link(node) {
  const button = element("button", node.title, "link");
  button.type = "button";
  button.dataset.node = node.index;
  button.title = node.detail;
  return button;
}

// rows makes a list of which the first entries are shown.
function rows(all, row) {
  const list = element("ul", all.slice(0, MOST).map(row));
  if (all.length > MOST) {
    const more = element("button", "show " + number(all.length - MOST) + " more", "link");
    more.type = "button";
    more.addEventListener("click", () => {
      list.replaceChildren(...all.map(row));
      list.querySelector("button").focus();
    });
    list.append(element("li", more));
  }
  return list;
}

// place says of a use where it is written, on which version and with which exposure.
function place(use) {
  const parts = [element("code", use.path + ":" + use.line), " " + (use.version || "no version") + ", " + exposures[use.exposure]];
  if (use.assumed) parts.push(", assumed");
  if (use.newer) parts.push(" ", element("strong", "outdated: " + use.newer + " is in use", "warn"));
  return parts;
}

function updateDetails() {
  details.replaceChildren(...(state.node ? describe(state.node) : state.title ? describeChosen() : help()));
  const box = document.getElementById("details");
  requestAnimationFrame(() => box.scrollTo(0, 0)); // now it would lay the page out twice
}

function help() {
  return [
    element("h2", "Nothing is chosen"),
    element("p", "Choose a base to see what a bump of it reaches, wave by wave. Choose a service to see what it is based on, and where that is written."),
    element("p", "Keys: / searches, arrow keys go through the list, Enter chooses, Escape chooses nothing."),
  ];
}

// describeChosen says what the command line has asked for.
function describeChosen() {
  return [element("h2", state.title), ...describeWaves()];
}

function describe(node) {
  const parts = [element("h2", node.title), element("p", kinds[node.kind] + (node.path ? "" : " from outside"), "kind")];
  if (node.detail !== node.title) parts.push(element("p", element("code", node.detail)));
  if (node.images.length > 0) parts.push(element("p", ["makes ", ...node.images.flatMap((image, i) => [i ? ", " : "", element("code", image)])]));
  if (node.owners.length > 0) parts.push(element("p", "team: " + node.owners.join(", ")));
  if (node.kind !== SERVICE) parts.push(...describeWaves());
  parts.push(...describeUses(node));
  return parts;
}

// describeWaves lists what is rebuilt.
function describeWaves() {
  const waves = [];
  for (const [node, wave] of state.waves) (waves[wave] = waves[wave] || []).push(node);
  if (waves.length === 0) return [element("p", "A bump of it reaches nothing.")];
  const reached = element("p", "A bump reaches " + count(state.waves.size, "build") + " in " + count(waves.length - 1, "wave") + ".");
  return [reached, ...waves.flatMap((all, wave) => [
    element("h3", [element("span", String(wave), "wave wave" + Math.min(wave, 4)), " wave " + wave + ": " + count(all.length, "build")]),
    rows(all, (node) => element("li", [link(node), node.kind === SERVICE ? "" : " (derived base)"])),
  ])];
}

// describeUses lists what a build is based on, and what that is based on.
function describeUses(node) {
  if (node.uses.length === 0) return node.path ? [element("p", "It is based on no image.")] : [];
  const parts = [element("h3", "is based on"), rows(node.uses, (use) => element("li", [link(use.from), element("br", []), ...place(use)]))];
  const direct = new Set(node.uses.map((use) => use.from));
  const further = [...foundationsOf(node)].filter((base) => !direct.has(base));
  if (further.length > 0) parts.push(element("h3", "and through these on"), rows(further, (base) => element("li", link(base))));
  return parts;
}

document.getElementById("details").addEventListener("click", (event) => {
  const node = nodeOf(event);
  if (!node) return;
  bringIn(node);
  choose(node);
  document.getElementById("details").focus();
});
