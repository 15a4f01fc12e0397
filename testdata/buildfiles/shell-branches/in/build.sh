#!/bin/bash
case $1 in
  17) JAVA=17.0.3; TAG=seventeen ;;
  21) JAVA=21.0.5; TAG=twentyone ;;
  *) echo "usage: $0 17|21" >&2; exit 1 ;;
esac
docker build --build-arg JAVA=$JAVA -t "example.com/java:$TAG" java
if [ -n "$CI" ]; then REGISTRY=ci.example.com; else REGISTRY=example.com; fi
docker build -t "$REGISTRY/app:1.0" app
KNOWN=yes
if [ "$KNOWN" = yes ]; then V=1.1; else V=9.9; fi
docker build -t "example.com/known:$V" app
for name in app java; do
  case $name in
    app) V=2.1 ;;
    java) V=2.2 ;;
  esac
  docker build -t "example.com/$name:$V" $name
  if [[ $name == java ]]; then continue; fi
  docker build -t "example.com/$name-again:$V" $name
done
PUSH=${PUSH:-false}
if [ "$PUSH" = true ]; then
  docker buildx build --push -t "example.com/pushed:3" app
else
  docker build -t "example.com/local:3" app
fi
[ -f app/Dockerfile ] && docker build -t example.com/there:4 app
[ -f app/missing ] && docker build -t example.com/missing:4 app
if [ -z "$EXTRA" ]; then EXTRA=5.1; fi
docker build -t "example.com/default:$EXTRA" app
exit 0
docker build -t example.com/never:1 app
