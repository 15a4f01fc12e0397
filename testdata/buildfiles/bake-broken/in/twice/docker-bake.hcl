target "a" {
  tags = []
  tags = []
}
