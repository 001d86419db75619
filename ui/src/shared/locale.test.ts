import { describe, expect, it } from "vitest";
import { usableLocale } from "./locale";

describe("the computer's language", () => {
  it("is taken as it is where Intl knows it", () => {
    expect(usableLocale("de-AT")).toBe("de-AT");
  });

  it("is American English on a system without one", () => {
    expect(usableLocale("C")).toBe("en-US");
    expect(usableLocale("")).toBe("en-US");
  });
});
