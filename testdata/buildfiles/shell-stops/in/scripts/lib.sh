function check_dependencies() {
  local missing=false
  for command in "$@"; do
    if ! command -v "$command" &> /dev/null; then
      missing=true
    fi
  done
  if [ "$missing" = true ]; then
    exit 1
  fi
}

function run_trace() {
  local args=("$@")
  local dry_run="${args[0]}"
  args=("${args[@]:1}")
  echo "+ ${args[*]}" >&2
  if [ "$dry_run" = false ]; then
    eval "${args[@]}"
  fi
}
