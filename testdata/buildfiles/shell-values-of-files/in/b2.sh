git diff | while read -r d; do
  docker build -t other.io/$d:2 images/$d
done
