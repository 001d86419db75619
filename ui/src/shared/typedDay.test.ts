import { describe, expect, it } from "vitest";
import { dayPattern, orderOf, readDay } from "./typedDay";

describe("typed days", () => {
  it("are read in the owner's order", () => {
    for (const [locale, text] of [
      ["en-US", "11/20/2026"],
      ["en-US", "11-20-2026"],
      ["en-US", "11/20/26"],
      ["en-GB", "20/11/2026"],
      ["de-DE", "20.11.2026"],
      ["de-DE", "20. 11. 26"],
      ["fr-FR", "20/11/2026"],
      ["ja-JP", "2026/11/20"],
      ["hu-HU", "2026. 11. 20."],
      ["ar-EG", "٢٠/١١/٢٠٢٦"],
      ["en-US", "２０２６-１１-２０"],
      ["de-DE", "2026-11-20"],
      ["en-US", "2026.11.20"],
    ] as const) {
      expect(readDay(text, locale), `${locale} ${text}`).toBe("2026-11-20");
    }
    expect(readDay("03/04/2026", "en-US")).toBe("2026-03-04");
    expect(readDay("03/04/2026", "en-GB")).toBe("2026-04-03");
  });

  it("may be in the other order where only that makes a day", () => {
    expect(readDay("20/11/2026", "en-US")).toBe("2026-11-20");
    expect(readDay("11/20/2026", "de-DE")).toBe("2026-11-20");
  });

  it("may name the month, as the lists of the app write it", () => {
    expect(readDay("Nov 20, 2026", "en-US")).toBe("2026-11-20");
    expect(readDay("20 November 2026", "en-GB")).toBe("2026-11-20");
    expect(readDay("20. März 2026", "de-DE")).toBe("2026-03-20");
    expect(readDay("20 févr. 2026", "fr-FR")).toBe("2026-02-20");
  });

  it("are none while half typed, or when there is no such day", () => {
    for (const text of ["", "1", "11/", "11/20", "11/20/2", "11/20/202", "2026-02-30", "32.13.2026", "abc", "1/2/3/4", "Smarch 3, 2026"]) {
      expect(readDay(text, "en-US"), text).toBeNull();
    }
  });

  it("have an order and a pattern", () => {
    expect(orderOf("en-US")).toBe("mdy");
    expect(orderOf("de-DE")).toBe("dmy");
    expect(orderOf("ja-JP")).toBe("ymd");
    expect(dayPattern("en-US")).toBe("MM/DD/YYYY");
    expect(dayPattern("de-DE")).toBe("DD.MM.YYYY");
  });
});
