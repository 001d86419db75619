/** The computer's language, as a tag that `Intl` takes. */

/** `wanted`, or American English where the system names no language: WebKit passes on a plain `C`, which `Intl.Locale` throws at. */
export function usableLocale(wanted: string): string {
  try {
    return new Intl.Locale(wanted).toString();
  } catch {
    return "en-US";
  }
}
