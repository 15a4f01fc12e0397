target "default" { tags = ["registry.example/team/base:1.0.0"] }
