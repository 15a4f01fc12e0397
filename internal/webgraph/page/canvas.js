// The picture. Places come with the data; what is drawn here is boxes, lines and colours.

const canvas = document.getElementById("canvas");
const context = canvas.getContext("2d", { alpha: false });
const view = { x: 0, y: 0, scale: 1, width: 0, height: 0, ratio: 1 };
const colors = {};
let isWaiting = false;

// readColors takes the colours of the theme: a canvas does not follow it by itself.
function readColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["page", "text", "quiet", "base", "derived", "service", "edge", "warn", "mark", "wave1", "wave2", "wave3", "wave4"]) {
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

// paintArrows draws all lines of one look at once.
function paintArrows() {
  const looks = new Map();
  for (const arrow of arrows) {
    if (!arrow.shown) continue;
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
    context.setLineDash([[2, 4], [7, 4], []][exposure]);
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
  return (isHighlighting() ? (isIn ? 2 : 0) : arrows.length > 1500 ? 0 : 1) + " " + color + " " + arrow.exposure;
}

function waveColor(wave) {
  return "wave" + Math.min(wave, 4);
}

function paintBoxes() {
  const hasText = view.scale * 12 > 5;
  const [left, top, right, bottom] = [-view.x / view.scale, -view.y / view.scale, (view.width - view.x) / view.scale, (view.height - view.y) / view.scale];
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const node of nodes) {
    if (!node.shown || node.x > right || node.x + node.width < left || node.y > bottom || node.y + node.height < top) continue;
    const wave = state.waves.get(node);
    context.globalAlpha = isHighlighting() && !isHighlighted(node) || !node.found ? 0.25 : 1;
    outline(node);
    context.fillStyle = wave ? colors[waveColor(wave)] : state.marked.has(node) ? colors.mark : colors[["base", "derived", "service"][node.kind]];
    context.fill();
    context.strokeStyle = node.isOutdated ? colors.warn : colors.quiet;
    context.lineWidth = node === state.node ? 3 : node.isOutdated ? 1.5 : 0.7;
    context.stroke();
    if (!hasText) continue;
    context.fillStyle = wave || state.marked.has(node) ? colors.page : colors.text;
    context.fillText(clip(node), node.x + 10, node.y + node.height / 2 + 0.5);
    if (wave) context.fillText(wave, node.x + node.width - 14, node.y + node.height / 2 + 0.5);
  }
  context.globalAlpha = 1;
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
