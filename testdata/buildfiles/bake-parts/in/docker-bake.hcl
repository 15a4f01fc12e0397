# Only inherited from: no build.
target "_common" {
  args = { NODE_VERSION = "20.1.0" }
}
target "labels" {
  labels = { team = "web" }
}
# The name says that it is a part, whatever it has.
target "_dockerfile" {
  dockerfile = "Dockerfile"
}
# Inherited from, and something to build.
target "tagged" {
  inherits = ["_common"]
  tags     = ["registry.example/tagged:1.0.0"]
}
# Inherited from, and in a group.
target "listed" {
  args = { LISTED = "1" }
}
# Inherited from, and what bake builds where it is given nothing.
target "default" {
  args = { DEFAULT = "1" }
}
# Inherited from, and what another target stands on.
target "base" {
  args = { BASE = "1" }
}
# Its group is that of its matrix.
target "matrix" {
  name   = "matrix-${v}"
  matrix = { v = ["1", "2"] }
  args   = { V = v }
}
target "web" {
  inherits = ["_common", "labels", "_dockerfile", "tagged", "listed", "default", "base", "matrix-1"]
  context  = "web"
  contexts = { base = "target:base" }
  tags     = ["registry.example/web:1.0.0"]
}
# Its tags are those of the target that inherits them: no build.
target "lent" {
  tags = ["registry.example/heir:1.0.0"]
}
target "heir" {
  inherits   = ["lent"]
  dockerfile = "web/Dockerfile"
}
# Nobody inherits from it: it is built by name.
target "_tools" {
  args = { TOOLS = "1" }
}
group "all" {
  targets = ["listed", "matrix"]
}
