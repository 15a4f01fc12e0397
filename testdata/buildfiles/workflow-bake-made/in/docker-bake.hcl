target "app" {
  context = "app"
  tags = ["acme.example/app:1.0.0"]
}
