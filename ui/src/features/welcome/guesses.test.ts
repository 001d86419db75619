import { describe, expect, it } from "vitest";
import { guessCurrency } from "./guesses";

describe("the welcome's guesses", () => {
  it("takes the currency of the language's region", () => {
    expect(guessCurrency("en-GB")).toBe("GBP");
    expect(guessCurrency("de-AT")).toBe("EUR");
    expect(guessCurrency("ja")).toBe("JPY");
  });

  it("falls back to dollars where it does not know", () => {
    expect(guessCurrency("en-FJ")).toBe("USD");
  });
});
