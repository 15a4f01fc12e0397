# The image that services are based on, as people write it.
BASE=registry.example/team/base-node:1.0.0
registry() { echo "${BASE%/*}"; }
