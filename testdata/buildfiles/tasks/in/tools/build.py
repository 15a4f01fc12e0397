import subprocess
subprocess.run(["docker", "build", "-t", "registry.example.com/web:5", "web"])
