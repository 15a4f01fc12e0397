// The list of bases and services: the picture for the keyboard and for screen readers.

const lists = [document.getElementById("bases"), document.getElementById("services")];
let current = null; // the node whose button the tabulator key comes to

// fillList makes a button for each node.
function fillList() {
  const parts = [document.createDocumentFragment(), document.createDocumentFragment()];
  for (const node of nodes) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.textContent = node.title;
    button.dataset.node = node.index;
    if (node.kind === 1) button.classList.add("derived");
    if (node.isOutdated) {
      const mark = document.createElement("span");
      mark.className = "mark";
      mark.textContent = " outdated";
      button.append(mark);
    }
    item.append(button);
    node.item = item;
    node.button = button;
    parts[node.kind === SERVICE ? 1 : 0].append(item);
  }
  lists.forEach((list, i) => list.append(parts[i]));
}

// updateList shows what the filters leave.
function updateList() {
  let bases = 0, services = 0;
  for (const node of nodes) {
    if (node.item.hidden === node.listed) node.item.hidden = !node.listed;
    if (node.listed && node.kind === SERVICE) services++;
    else if (node.listed) bases++;
  }
  document.getElementById("count").textContent = count(bases, "base") + ", " + count(services, "service");
  if (!current || !current.listed) makeCurrent(nodes.find((node) => node.listed && node.kind !== SERVICE) || nodes.find((node) => node.listed) || null);
}

function makeCurrent(node) {
  if (current) current.button.tabIndex = -1;
  current = node;
  if (node) node.button.tabIndex = 0;
}

// updateChoice marks the button of the chosen node.
function updateChoice() {
  const before = document.querySelector("nav [aria-current]");
  if (before) before.removeAttribute("aria-current");
  if (!state.node) return;
  state.node.button.setAttribute("aria-current", "true");
  if (state.node.listed) makeCurrent(state.node);
}

// nodeOf returns the node of the button that an event is for, undefined for none.
function nodeOf(event) {
  const button = event.target.closest("button[data-node]");
  return button ? nodes[button.dataset.node] : undefined;
}

document.getElementById("nodes").addEventListener("click", (event) => {
  const node = nodeOf(event);
  if (node) {
    bringIn(node);
    choose(node);
  }
});
document.getElementById("nodes").addEventListener("keydown", (event) => {
  const node = nodeOf(event);
  if (!node) return;
  const all = [...nodes.filter((n) => n.listed && n.kind !== SERVICE), ...nodes.filter((n) => n.listed && n.kind === SERVICE)];
  const at = all.indexOf(node);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 20, PageUp: at - 20, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = all[Math.max(0, Math.min(all.length - 1, to))];
  makeCurrent(next);
  next.button.focus();
});
