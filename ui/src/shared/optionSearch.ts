/** Finding one of many fixed choices by words: accents, case, and the signs between words don't matter. */
import type { ComboboxItem, OptionsFilter } from "@mantine/core";

/** Letters and digits alone, words apart by one space: `America/Port-au-Prince` is `america port au prince`. */
export function plainWords(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Every word typed begins a word of the text, or all of it stands there without the spaces. */
export function fitsWords(text: string, typed: string): boolean {
  const [plain, wanted] = [plainWords(text), plainWords(typed)];
  const words = plain.split(" ");
  if (wanted.split(" ").every((word) => words.some((known) => known.startsWith(word)))) return true;
  return wanted !== "" && plain.replaceAll(" ", "").includes(wanted.replaceAll(" ", ""));
}

/** For `Select`: groups are kept as they are; what begins with the words comes first. */
export const fittingOptions: OptionsFilter = ({ options, search, limit }) => {
  const typed = plainWords(search);
  if (typed === "") return options.slice(0, limit);
  const fitting = options.filter((option): option is ComboboxItem => "value" in option && fitsWords(option.label, search));
  const rank = ({ label }: ComboboxItem) => {
    const plain = plainWords(label);
    if (plain === typed) return 0;
    return plain.startsWith(typed) || plain.endsWith(` ${typed}`) ? 1 : 2;
  };
  return fitting.toSorted((one, other) => rank(one) - rank(other)).slice(0, limit);
};

/** Time zones as people read them: `America/New_York` is shown as `America/New York`. */
export function zoneOptions(zones: string[]): ComboboxItem[] {
  return zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
}
