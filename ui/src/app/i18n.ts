/** Starts the texts. English stands in the source; a further language is one more catalogue in `locales/`. */
import { i18n } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";

/** Makes English the language of the page. */
export function startTexts(): typeof i18n {
  i18n.setMessagesCompiler(compileMessage);
  i18n.loadAndActivate({ locale: "en", messages: {} });
  return i18n;
}
