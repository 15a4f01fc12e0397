#!/bin/sh
# Everything here builds from a text, or from what is not known.
cd app
docker build -t form/context:1 -f - ./sub <<\E
FROM base:1 AS \$x
E
docker build -t form/unquoted:1 - <<E
FROM "base:1" \
  AS \$x\\ $(date) `date` ${UNSET:-set}
E
printf '%s\n' "FROM base:1" "RUN a%%b" | docker build -t form/arguments:1 -
printf -- 'FROM base:%b\n' '1\nRUN x' | docker build -t form/escapes:1 -
printf 'FROM base:%d\n' 1 | docker build -t form/number:1 -
echo "FROM base:1\nRUN x" | docker build -t form/sh-echo:1 -
echo -ne 'FROM base:1\tAS x\n' | podman build -t form/podman:1 -f -
{ cat Dockerfile - ; } <<E | docker build -t form/two:1 -
RUN x
E
cat Dockerfile | docker build -t form/file:1 -
docker build -t form/redirect:1 - < Dockerfile
sed s/a/b/ Dockerfile.in | docker build -t form/sed:1 -
docker build -t form/nothing:1 - <<E
E
docker build -t form/of-the-script:1 -
(docker build -t form/subshell:1 -) <<E
FROM base:1
E
if docker build -t form/condition:1 -; then :; fi <<E
FROM base:1
E
docker build - <<E
FROM base:1
E
docker build - <<E
FROM base:2
E
2>/dev/null docker build -t form/other-number:1 - 3<<E
FROM base:3
E
