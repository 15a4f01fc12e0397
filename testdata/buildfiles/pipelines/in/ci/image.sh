docker build -t registry.example.com/app:$1 app
