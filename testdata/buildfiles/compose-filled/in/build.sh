export COMPOSE_ENV_FILES=config/versions.env
docker compose build
