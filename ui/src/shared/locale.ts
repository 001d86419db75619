/** The language and region that dates, numbers and money are written in. */

/** `wanted`, or American English where the system names no language: WebKit passes on a plain `C`, which `Intl.Locale` throws at. */
export function usableLocale(wanted: string): string {
  try {
    return new Intl.Locale(wanted).toString();
  } catch {
    return "en-US";
  }
}

/** The computer's. Given to `Intl` by name, because its own default for `C` is a variant without thousands separators. */
export const locale = usableLocale(navigator.language);
