target "app" {
  context = "app"
  args = { BASE = "1" }
}
