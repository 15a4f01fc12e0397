#!/bin/bash
notes="Released:
base-java 1.0.0 with TLS 1.3
base-node:1.0.0 as before"
gh release create bases --notes "$notes"
cat <<TXT
Releases
  base-java 1.0.0 first release with TLS 1.3
TXT
while read -r name version; do
  docker build -t "registry.example/team/$name:$version" "bases/$name"
done <<TABLE
base-java 1.0.0
base-node 1.0.0
TABLE
