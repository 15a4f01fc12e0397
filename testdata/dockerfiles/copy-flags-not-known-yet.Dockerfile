FROM registry.example/team/base:1.0.0
COPY --exclude=*.md --brand-new --from=registry.example/team/tool:1.0.0 /a /a
