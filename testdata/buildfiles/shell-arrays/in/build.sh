#!/bin/bash
IMAGES=(
  a # the first
  "b"
)
ARGS=(--build-arg X=1 --build-arg "Y=two words")
ARGS+=(--target "release")
[ -n "$PUSH" ] && ARGS+=(--push)
for image in "${IMAGES[@]}"; do
  docker build "${ARGS[@]}" "${EXTRA[@]}" -t "example.com/$image:1.0" images/$image
done
docker build -t "example.com/${IMAGES[1]}-root" -t "example.com/$IMAGES-first" "$@" .
cmd=(docker build -t example.com/cmd:3)
"${cmd[@]}" .
declare -A PATCH=([3.11]=3.11.8 [3.12]=3.12.3 ["3.13"]=3.13.0)
for minor in 3.11 3.13; do
  docker build -t "example.com/py:$minor" --build-arg "PYTHON=${PATCH[$minor]}" --build-arg "NEXT=${PATCH[3.12]}" .
done
