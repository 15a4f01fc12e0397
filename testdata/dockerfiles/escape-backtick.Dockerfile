# escape=`
FROM `
  registry.example/team/base:1.0.0 `
  AS x
COPY --from=registry.example/team/tool:1.0.0 C:\a C:\b
