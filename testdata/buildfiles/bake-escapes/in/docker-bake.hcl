variable "VERSION" { default = "1.0.0" }

target "app" {
  args = {
    TAB        = "a\t1.0"
    QUOTE      = "say \"1.0\""
    UNICODE    = "\u0031.0"
    DOLLAR     = "$${VERSION}"
    PERCENT    = "%%{VERSION}"
    MIXED      = "a\t-${VERSION}-b"
    HALF       = "${VERSION}-\t${VERSION}"
    NESTED     = "${"${VERSION}-x"}"
    STRIP      = "a  ${~ VERSION ~}  b"
    IF         = "%{ if VERSION == "1.0.0" }1.1%{ else }1.2%{ endif }"
    FOR        = "%{ for v in ["1", "2"] }${v}.%{ endfor }"
    HEREDOC    = <<EOT
line ${VERSION}
EOT
    FLUSH      = <<-EOT
      first 3.20
        second ${VERSION}
    EOT
    UMLAUT     = "ä${VERSION}ä"
    DECOMPOSED = "ä-1.0"
  }
}
