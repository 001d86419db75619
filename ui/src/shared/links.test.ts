import { expect, it } from "vitest";
import { mailLink } from "./links";

it("a mail link writes to the address alone", () => {
  expect(mailLink("me@example.com")).toBe("mailto:me@example.com");
  expect(mailLink("me@example.com?bcc=eve@example.com")).toBe("mailto:me@example.com%3Fbcc%3Deve@example.com");
  expect(mailLink("a&b=c+d@example.com")).toBe("mailto:a%26b%3Dc%2Bd@example.com");
  expect(mailLink("a\r\nBcc: eve@example.com")).not.toMatch(/[\r\n ]/);
  expect(mailLink("me@example.com,eve@example.com")).toBe("mailto:me@example.com%2Ceve@example.com");
});
