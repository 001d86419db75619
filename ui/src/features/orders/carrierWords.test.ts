import { describe, expect, it } from "vitest";
import { carrierWords } from "./carrierWords";

describe("carriers", () => {
  it("are written as people write them", () => {
    expect(carrierWords("stamps_com")).toBe("Stamps.com");
    expect(carrierWords("usps_ground_advantage")).toBe("USPS Ground Advantage");
    expect(carrierWords("fedex")).toBe("FedEx");
  });

  it("stay as they were typed", () => {
    expect(carrierWords("My cousin's van")).toBe("My cousin's van");
    expect(carrierWords("UPS")).toBe("UPS");
  });
});
