import { i18n } from "@lingui/core";
import { describe, expect, it } from "vitest";
import { AppError, toAppError } from "./client";
import { errorWords } from "./errors";

describe("the error table", () => {
  it("has a title and a sentence for every code", () => {
    for (const [code, words] of Object.entries(errorWords)) {
      expect(i18n._(words.title), code).not.toBe("");
      expect(i18n._(words.text), code).toMatch(/\.$/);
    }
  });

  it("gives no two codes the same words", () => {
    const titles = Object.values(errorWords).map(({ title }) => i18n._(title));
    expect(new Set(titles).size).toBe(titles.length);
  });

  it("takes an answer of the app as it is", () => {
    const error = toAppError({ code: "stale", message: "Changed.", fields: [{ field: "a", reason: "b" }], hint: "h", request_id: "r" });
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "stale", message: "Changed.", hint: "h", requestId: "r", fields: [{ field: "a", reason: "b" }] });
  });

  it("counts anything else as a fault of the app", () => {
    expect(toAppError(new TypeError("boom"))).toMatchObject({ code: "bug", message: "boom" });
    expect(toAppError("command not found")).toMatchObject({ code: "bug", message: "command not found" });
  });
});
