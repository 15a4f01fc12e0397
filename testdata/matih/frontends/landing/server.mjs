import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { render } from "./dist/render.js";

const headers = [];
for (const line of readFileSync("security-headers.conf", "utf8").split("\n")) {
  const match = /^add_header (\S+) "?(.*?)"? always;$/.exec(line);
  if (match) headers.push([match[1], match[2]]);
}

createServer((request, response) => {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(render(request.url));
}).listen(3000);
