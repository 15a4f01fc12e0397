target "app" {
  args = {
    A = "1.0
  }
}
