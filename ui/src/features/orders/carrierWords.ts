/** A carrier's or service's code as people write it: `usps_ground_advantage` is "USPS Ground Advantage". */

const AS_WRITTEN: Record<string, string> = { usps: "USPS", ups: "UPS", dhl: "DHL", fedex: "FedEx", dpd: "DPD", gls: "GLS", us: "US" };

/** What is no code, such as a name that was typed in, stays as it is. */
export function carrierWords(code: string): string {
  if (!/^[a-z0-9]+(_[a-z0-9]+)*$/.test(code)) return code;
  const words = code.split("_").map((word) => AS_WRITTEN[word] ?? word.charAt(0).toUpperCase() + word.slice(1));
  return words.join(" ").replace(/ Com\b/, ".com");
}
