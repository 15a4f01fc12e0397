docker build -t example.com/both:$(cat only) --build-arg SAME=$(cat same) --build-arg X=$(cat x/VERSION) both
$(command -v docker) build -t example.com/second:$(cat "$(dirname "$0")/same") "$(dirname "$0")"
