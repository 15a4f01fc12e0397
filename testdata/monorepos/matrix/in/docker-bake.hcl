target "os" {
  name = "os-${replace(v, ".", "-")}"
  matrix = { v = ["22.04.0", "24.04.0"] }
  context = "os"
  args = { VERSION = v }
  tags = ["registry.example/team/os:${v}-r1"]
}
