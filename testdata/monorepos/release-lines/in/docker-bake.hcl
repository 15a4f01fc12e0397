target "py" {
  name = "py-${replace(v, ".", "-")}"
  matrix = { v = ["3.11.4", "3.12.1"] }
  context = "py"
  tags = ["registry.example/team/py:${v}"]
}
