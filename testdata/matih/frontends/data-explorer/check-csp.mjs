// usage: node check-csp.mjs POLICY_FILE DIST_DIR
// Fails when a script of the bundle names a host that the policy's connect-src does not allow.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [policyFile, dist] = process.argv.slice(2);
const connect = /connect-src ([^;"]*)/.exec(readFileSync(policyFile, "utf8"))?.[1] ?? "";
const suffixes = [...connect.matchAll(/https:\/\/\*(\.[^\s]+)/g)].map((match) => match[1]);

const refused = new Set();
for (const name of readdirSync(dist, { recursive: true })) {
  if (!name.endsWith(".js")) continue;
  for (const [, host] of readFileSync(join(dist, name), "utf8").matchAll(/https:\/\/([\w.-]+)\/tiles/g)) {
    if (!suffixes.some((suffix) => host.endsWith(suffix))) refused.add(host);
  }
}
if (refused.size > 0) {
  console.error(`not allowed by ${policyFile}: ${[...refused].sort().join(", ")}`);
  process.exit(1);
}
