FROM registry.example/team/base:1.0.0 AS base
{{- if .GPU }}
FROM {{ .Image }}:{{ .Tag }}
{{- else }}
FROM registry.example/team/other:1.0.0
{{- end }}
COPY --from=base / /
