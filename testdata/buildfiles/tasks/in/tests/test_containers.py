import subprocess

BASE = "alpine:3.20"


def build(target):
    """Builds with docker."""
    subprocess.run(["docker", "pull", BASE], check=True)
    # "docker",
    # "build",
    subprocess.run(
        [
            "docker",
            "buildx",
            "build",
            "--build-arg",
            f"BASE={BASE}",
            "--target",
            target,
            ".",
        ],
        check=True,
    )
