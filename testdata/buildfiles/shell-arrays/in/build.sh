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
