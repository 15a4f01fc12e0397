resource "x" "y" {
  image = "registry.example/team/base:1.0.0" # 1.0.0
}
