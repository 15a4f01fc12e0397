cd "$(dirname "$0")/.."
b() { docker build -t third.io/$1:2 "images/$1"; }
for d in $CHANGED; do b $d; done
