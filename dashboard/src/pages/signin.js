/** The way in, where the broker asks who one is. The password is kept in memory alone. */

import { h, text } from "../dom.js";

let dialog = null;

/** Shown while the broker refuses, gone once it does not. */
export function signIn({ link, commands }) {
  if (!link.state.refused) {
    if (dialog && link.state.open) {
      dialog.remove();
      dialog = null;
    }
    return;
  }
  if (dialog) {
    text(dialog.said, dialog.tried ? `Refused: ${link.state.refused}.` : "");
    return;
  }
  const user = h("input", { name: "user", autocomplete: "username", required: true });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const said = h("p", { role: "alert" });
  const form = h("form.signin", {
    onsubmit(event) {
      event.preventDefault();
      dialog.tried = true;
      text(said, "asking…");
      commands.user = user.value;
      link.connect(link.state.broker, user.value, password.value);
    },
  }, h("h2", {}, "Sign in"), h("p.quiet", {}, `The broker at ${link.state.broker} wants to know who you are.`), h("label", {}, "User", user), h("label", {}, "Password", password), h("button.primary", {}, "Sign in"), said);
  dialog = h("div.veil", { role: "dialog", "aria-modal": "true", "aria-label": "Sign in" }, form);
  dialog.said = said;
  document.body.append(dialog);
  user.focus();
}
