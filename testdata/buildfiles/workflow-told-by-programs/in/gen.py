print("C=3")
