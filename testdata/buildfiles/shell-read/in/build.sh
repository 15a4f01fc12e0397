#!/bin/bash
while read -r name version; do
  [[ $name == \#* || -z $name ]] && continue
  docker build -t "example.com/$name:$version" images/$name
done < images.txt
while IFS=, read -r name version rest; do
  docker build -t "example.com/heredoc-$name:$version" images/$name
done <<LIST
a,1.5
b,2.5,more
LIST
jq -r '.[] | "\(.name) \(.tag)"' images.json | while read name tag; do
  docker build -t "example.com/jq-$name:$tag" images/$name
done
declare -A TAGS=([a]=3.1 [b]="3.2")
TAGS[c]=3.3
for name in "${!TAGS[@]}"; do
  docker build -t "example.com/map-$name:${TAGS[$name]}" images/${name/c/a}
done
names=(a b)
tags=(4.1 4.2)
for i in "${!names[@]}"; do
  docker build -t "example.com/pair-${names[$i]}:${tags[i]}" images/${names[i]}
done
mapfile -t lines < <(cut -d' ' -f1 images.txt | grep -v '#')
for name in "${lines[@]}"; do docker build -t "example.com/lines-$name:5" images/$name; done
for pair in a=6.1 b=6.2; do
  IFS== read -r name tag <<< "$pair"
  docker build -t "example.com/split-$name:$tag" images/$name
  docker build -t "example.com/cut-${pair%%=*}:${pair#*=}" images/${pair%=*}
done
