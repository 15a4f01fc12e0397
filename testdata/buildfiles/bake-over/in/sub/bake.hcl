target "s" {
  context = "."
  args = { V = "1" }
}
