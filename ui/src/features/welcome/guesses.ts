/** Sensible first answers from the computer's own settings. */

// Currencies of the regions most owners are in; others choose from the list.
const REGION_CURRENCY: Record<string, string> = {
  US: "USD", CA: "CAD", MX: "MXN", BR: "BRL", GB: "GBP", CH: "CHF", NO: "NOK", SE: "SEK", DK: "DKK", PL: "PLN",
  CZ: "CZK", HU: "HUF", RO: "RON", BG: "EUR", AU: "AUD", NZ: "NZD", JP: "JPY", CN: "CNY", IN: "INR", SG: "SGD",
  HK: "HKD", KR: "KRW", ZA: "ZAR", AE: "AED", IL: "ILS", TR: "TRY", KW: "KWD", BH: "BHD",
};
const EURO = "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK".split(" ");

/** The currency of a language's region (`en-GB`), or US dollars. */
export function guessCurrency(locale: string): string {
  const region = new Intl.Locale(locale).maximize().region ?? "US";
  return EURO.includes(region) ? "EUR" : (REGION_CURRENCY[region] ?? "USD");
}

/** The computer's time zone. */
export function guessTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}
