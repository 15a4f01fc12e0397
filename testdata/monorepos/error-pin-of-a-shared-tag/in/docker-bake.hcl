variable "CUT" { default = "4.0.2" }
target "engine" {
  context = "engine"
  tags = ["registry.example/team/engine:${CUT}"]
}
target "car" {
  context = "car"
  args = { ENGINE = CUT }
}
