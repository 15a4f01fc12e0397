// The picture. Places come with the data; what is drawn here is boxes, lines and colours.

const canvas = document.getElementById("canvas");
const context = canvas.getContext("2d", { alpha: false });
const view = { x: 0, y: 0, scale: 1, width: 0, height: 0, ratio: 1 };
const colors = {};
const MANY = 1500; // lines
let isWaiting = false;

// readColors takes the colours of the theme: a canvas does not follow it by itself.
function readColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["page", "text", "quiet", "rule", "base", "derived", "service", "edge", "warn", "mark", "wave1", "wave2", "wave3", "wave4"]) {
    colors[name] = style.getPropertyValue("--" + name).trim();
  }
}

// draw draws the picture with the next frame.
function draw() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    paint();
  });
}

function paint() {
  const { ratio, scale } = view;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colors.page;
  context.fillRect(0, 0, view.width, view.height);
  context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * view.x, ratio * view.y);
  paintArrows();
  paintBoxes();
}

// drawn returns the lines that are drawn: all of them, unless they are so many that nobody could tell them
// apart, and that a click would have to wait for them. Then it is those between bases, those of the chosen
// node, and whatever leads to a box that is large enough to be read.
function drawn() {
  const shown = arrows.filter((arrow) => arrow.shown);
  if (shown.length <= MANY) return shown;
  const isLarge = view.scale * 12 > 5;
  return shown.filter((arrow) => arrow.to.kind !== SERVICE || arrow.from === state.node || arrow.to === state.node || isLarge && isInSight(arrow.to));
}

// isInSight reports whether a node is, at least in part, on the canvas.
function isInSight({ x, y, width, height }) {
  const { scale } = view;
  return (x + width) * scale + view.x >= 0 && x * scale + view.x <= view.width && (y + height) * scale + view.y >= 0 && y * scale + view.y <= view.height;
}

// paintArrows draws all lines of one look at once.
function paintArrows() {
  const looks = new Map();
  for (const arrow of drawn()) {
    const look = lookOf(arrow);
    if (!looks.has(look)) looks.set(look, []);
    looks.get(look).push(arrow);
  }
  for (const [look, all] of [...looks].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [strength, color, exposure] = look.split(" ");
    context.beginPath();
    for (const { from, to } of all) {
      const x = from.x + from.width, y = from.y + from.height / 2, endX = to.x, endY = to.y + to.height / 2;
      const bend = Math.max(40, Math.abs(endX - x) / 2);
      context.moveTo(x, y);
      context.bezierCurveTo(x + bend, y, endX - bend, endY, endX, endY);
    }
    context.setLineDash(all.length > MANY / 5 ? [] : [[2, 4], [7, 4], []][exposure]); // thousands of dashed lines take a second
    context.globalAlpha = [0.08, 0.45, 0.95][strength];
    context.lineWidth = strength === "2" ? Math.max(1.6, 1 / view.scale) : 1;
    context.strokeStyle = colors[color];
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

// lookOf returns strength, colour and exposure of a line: a word that sorts the weak ones first.
function lookOf(arrow) {
  const { from, to } = arrow;
  const isIn = isHighlighted(from) && isHighlighted(to) && (state.waves.has(to) || !state.waves.size);
  const color = arrow.uses.some((use) => use.newer !== "") ? "warn" : isIn && state.waves.has(to) ? waveColor(state.waves.get(to)) : isIn && isHighlighting() ? "mark" : "edge";
  return (isHighlighting() ? (isIn ? 2 : 0) : 1) + " " + color + " " + arrow.exposure;
}

function waveColor(wave) {
  return "wave" + Math.min(wave, 4);
}

function paintBoxes() {
  const visible = nodes.filter((node) => node.shown && isInSight(node));
  if (view.scale * 12 > 5) {
    for (const node of visible) paintBox(node);
  } else {
    paintSmall(visible);
  }
  context.globalAlpha = 1;
}

function alphaOf(node) {
  return isHighlighting() && !isHighlighted(node) || !node.found ? 0.35 : 1;
}

function fillOf(node) {
  const wave = state.waves.get(node);
  return wave ? waveColor(wave) : state.marked.has(node) ? "mark" : ["base", "derived", "service"][node.kind];
}

// paintSmall draws boxes that are too small for a text: all of one look at once.
function paintSmall(visible) {
  const looks = new Map();
  const put = (look, node) => looks.has(look) ? looks.get(look).push(node) : looks.set(look, [node]);
  for (const node of visible) {
    const fill = fillOf(node);
    put(alphaOf(node) + " fill " + (fill === "service" ? "rule" : fill), node);
    if (node.isOutdated) put(alphaOf(node) + " stroke warn", node);
  }
  context.lineWidth = 1;
  for (const [look, all] of looks) {
    const [alpha, does, color] = look.split(" ");
    context.globalAlpha = alpha;
    context[does + "Style"] = colors[color];
    for (const { x, y, width, height } of all) context[does + "Rect"](x, y, width, height);
  }
}

function paintBox(node) {
  const wave = state.waves.get(node);
  context.globalAlpha = alphaOf(node);
  outline(node);
  context.fillStyle = colors[fillOf(node)];
  context.fill();
  context.strokeStyle = node.isOutdated ? colors.warn : colors.quiet;
  context.lineWidth = node === state.node ? 3 : node.isOutdated ? 1.5 : 0.7;
  context.stroke();
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = wave || state.marked.has(node) ? colors.page : colors.text;
  context.fillText(clip(node), node.x + 10, node.y + node.height / 2 + 0.5);
  if (wave) context.fillText(wave, node.x + node.width - 14, node.y + node.height / 2 + 0.5);
}

// outline draws the shape that tells a base, a derived base and a service apart.
function outline({ kind, x, y, width, height }) {
  context.beginPath();
  if (kind === SERVICE) {
    context.rect(x, y, width, height);
  } else if (kind === BASE) {
    context.roundRect(x, y, width, height, height / 2);
  } else {
    const d = height / 3;
    context.moveTo(x + d, y);
    context.lineTo(x + width - d, y);
    context.lineTo(x + width, y + height / 2);
    context.lineTo(x + width - d, y + height);
    context.lineTo(x + d, y + height);
    context.lineTo(x, y + height / 2);
    context.closePath();
  }
}

// clip shortens a title to its box, once.
function clip(node) {
  if (node.label === undefined) {
    node.label = node.title;
    const room = node.width - 32;
    if (context.measureText(node.title).width > room) {
      let length = node.title.length;
      while (length > 1 && context.measureText(node.title.slice(0, length) + "…").width > room) length--;
      node.label = node.title.slice(0, length) + "…";
    }
  }
  return node.label;
}

for (const node of nodes) node.isOutdated = node.uses.some((use) => use.newer !== "");
