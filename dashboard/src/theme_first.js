/* Before anything is painted: the theme that the reader chose, if any. */
(() => {
  try {
    const chosen = localStorage.getItem("sorter.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    /* A browser that keeps nothing follows the system's theme. */
  }
})();
