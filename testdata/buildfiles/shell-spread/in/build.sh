#!/bin/bash
echo a b | xargs -n1 -I{} echo {} > /dev/null
printf '%s\n' a b | xargs -I{} docker build -t one.io/{}:1 images/{}
echo images/a images/b | xargs -n 1 docker build -t two.io/all:1
parallel docker build -t three.io/{}:1 images/{} ::: a b
parallel -j 2 docker build -t four.io/x:1 ::: images/a images/b
find images -name Dockerfile -exec docker build -t five.io/x:1 -f {} . \;
ls images | xargs -I % sh -c 'docker build -t six.io/%:1 images/%'
list | xargs -I{} docker build -t seven.io/{}:1 images/{}
