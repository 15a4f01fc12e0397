set -e
docker build -t x:1 "$DIR"
