import { describe, expect, it } from "vitest";
import { asTyped, shownNumber, typedNumber, writingOf } from "./typedNumber";

describe("numbers in the owner's writing", () => {
  it("know the marks of a language and region", () => {
    expect(writingOf("en-US")).toEqual({ decimal: ".", group: "," });
    expect(writingOf("de-DE")).toEqual({ decimal: ",", group: "." });
    expect(writingOf("fr-FR")).toEqual({ decimal: ",", group: "\u{202F}" });
    expect(writingOf("de-CH")).toEqual({ decimal: ".", group: expect.stringMatching(/^['’]$/) as string });
    expect(writingOf("es-ES")).toEqual({ decimal: ",", group: "." });
  });

  it("carry the marks they were typed with, unless the app writes alike", () => {
    expect(typedNumber("1.250,00", writingOf("de-DE"))).toBe("{,.}1.250,00");
    expect(typedNumber("12.50", writingOf("en-US"))).toBe("12.50");
    expect(typedNumber("", writingOf("de-DE"))).toBe("");
  });

  it("are shown as typed, and those of the app in the owner's writing", () => {
    const german = writingOf("de-DE");
    expect(shownNumber(typedNumber("1.250,0", german), german)).toBe("1.250,0");
    expect(shownNumber("1250.5", german)).toBe("1250,5");
    expect(shownNumber("7.5%", german)).toBe("7,5%");
    expect(shownNumber("1250.5", writingOf("en-US"))).toBe("1250.5");
    expect(asTyped("{,.}1.250")).toBe("1.250");
    expect(asTyped("{n}-{ab}")).toBe("{n}-{ab}");
  });
});
