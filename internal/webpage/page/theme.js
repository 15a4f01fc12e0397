// switchTheme has a button go through the themes: that of the system, light, dark. changed is called whenever another
// one is seen.
function switchTheme(button, changed) {
  const themes = ["system", "light", "dark"];
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const theme = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % themes.length];
    root.dataset.theme = theme;
    button.textContent = "Theme: " + theme;
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

