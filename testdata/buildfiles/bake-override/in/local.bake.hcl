target "alone" {
  tags = ["registry.example.com/alone:1"]
}
