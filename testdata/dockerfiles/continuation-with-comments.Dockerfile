FROM \
# a comment with FROM evil:1

  --platform=linux/amd64 \
  registry.example/team/base:1.0.0 \
  # another
  AS x
