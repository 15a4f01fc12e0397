target "app" {
  context = "app"
}
