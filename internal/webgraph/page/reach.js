// What the bump of a base reaches, and what a build is based on.

// wavesOf returns the wave of each node that is rebuilt for new versions of the bases. What is based on a
// base alone is in wave 1; anything else waits for the latest of what it is based on. What only a
// stage needs that is not built is not rebuilt.
function wavesOf(bases) {
  const waves = new Map(), given = new Set(bases);
  let known;
  do { // nodes are in an order in which they can be built: it is one turn, but for circles
    known = waves.size;
    for (const node of nodes) {
      if (!given.has(node) && !waves.has(node)) continue;
      const next = (waves.get(node) || 0) + 1;
      for (const use of node.users) {
        if (use.exposure === UNREACHABLE || given.has(use.to) || use.to === node) continue;
        if (use.to.index > node.index || !waves.has(use.to)) waves.set(use.to, Math.max(waves.get(use.to) || 0, next));
      }
    }
  } while (waves.size > known);
  return waves;
}

// foundationsOf returns all nodes that a node is based on, directly or not.
function foundationsOf(node) {
  const found = new Set();
  const queue = [node];
  for (const next of queue) {
    for (const use of next.uses) {
      if (use.from !== node && !found.has(use.from)) {
        found.add(use.from);
        queue.push(use.from);
      }
    }
  }
  return found;
}
