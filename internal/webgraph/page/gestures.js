// Moving and zooming the picture, with a pointer and with keys.

const extent = nodes.reduce((e, n) => ({ width: Math.max(e.width, n.x + n.width + 20), height: Math.max(e.height, n.y + n.height + 20) }), { width: 1, height: 1 });

// fit shows all of the picture, or a small one in its own size.
function fit() {
  view.scale = Math.min(1.2, view.width / extent.width, view.height / extent.height);
  view.x = (view.width - extent.width * view.scale) / 2;
  view.y = (view.height - extent.height * view.scale) / 2;
  draw();
}

// zoom scales around a point of the canvas, by default its middle.
function zoom(factor, x = view.width / 2, y = view.height / 2) {
  const scale = Math.min(4, Math.max(0.02, view.scale * factor));
  view.x = x - (x - view.x) * scale / view.scale;
  view.y = y - (y - view.y) * scale / view.scale;
  view.scale = scale;
  draw();
}

function move(dx, dy) {
  view.x += dx;
  view.y += dy;
  draw();
}

// bringIn moves the picture if a node is out of sight.
function bringIn(node) {
  const x = node.x * view.scale + view.x, y = node.y * view.scale + view.y;
  if (x < 0 || y < 0 || x + node.width * view.scale > view.width || y + node.height * view.scale > view.height) {
    view.x = view.width / 2 - (node.x + node.width / 2) * view.scale;
    view.y = view.height / 2 - (node.y + node.height / 2) * view.scale;
  }
}

// nodeAt returns the node at a point of the canvas, null for none.
function nodeAt(x, y) {
  const px = (x - view.x) / view.scale, py = (y - view.y) / view.scale;
  return nodes.find((n) => n.shown && px >= n.x && px <= n.x + n.width && py >= n.y && py <= n.y + n.height) || null;
}

// resize gives the canvas the pixels of its place on the page.
function resize() {
  const wasEmpty = view.width === 0;
  const box = canvas.getBoundingClientRect();
  if (box.width === 0) return;
  view.ratio = window.devicePixelRatio || 1;
  view.width = box.width;
  view.height = box.height;
  canvas.width = Math.round(box.width * view.ratio);
  canvas.height = Math.round(box.height * view.ratio);
  if (wasEmpty) fit();
  paint();
}

const pointers = new Map(); // that are down, by id
let dragged = 0;

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  if (pointers.size === 1) dragged = 0;
});
canvas.addEventListener("pointermove", (event) => {
  const last = pointers.get(event.pointerId);
  if (!last) {
    const node = nodeAt(event.offsetX, event.offsetY);
    canvas.style.cursor = node ? "pointer" : "grab";
    canvas.title = node ? node.detail : "";
    return;
  }
  const now = { x: event.offsetX, y: event.offsetY };
  const other = [...pointers].find(([id]) => id !== event.pointerId);
  if (other) { // two fingers
    const before = Math.hypot(last.x - other[1].x, last.y - other[1].y), after = Math.hypot(now.x - other[1].x, now.y - other[1].y);
    if (before > 0) zoom(after / before, (now.x + other[1].x) / 2, (now.y + other[1].y) / 2);
  } else {
    move(now.x - last.x, now.y - last.y);
  }
  dragged += Math.hypot(now.x - last.x, now.y - last.y);
  pointers.set(event.pointerId, now);
});
canvas.addEventListener("pointerup", (event) => {
  if (pointers.delete(event.pointerId) && dragged < 4) choose(nodeAt(event.offsetX, event.offsetY));
});
canvas.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 500), event.offsetX, event.offsetY);
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const does = {
    ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60),
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
  }[event.key];
  if (does && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    does();
  }
});
