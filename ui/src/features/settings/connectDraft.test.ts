import { describe, expect, it } from "vitest";
import type { ConnectionView, VendorView } from "../../api";
import { startingDraft, toConnectDraft } from "./connectDraft";

const vendor: VendorView = {
  id: "books",
  name: "Books",
  summary: "",
  oauth: true,
  fields: [
    { id: "client_id", label: "Client ID", help: "", secret: false, optional: false, practice_value: "practice-id" },
    { id: "hint", label: "Hint", help: "", secret: false, optional: true, practice_value: null },
  ],
  endpoints: [{ id: "api", label: "API", production_url: "https://api.example" }],
  redirect_uri: "http://127.0.0.1/bounce",
};
const keys: VendorView = { ...vendor, id: "keys", oauth: false, redirect_uri: null };

describe("what is typed to connect", () => {
  it("is filled in for Practice and empty for Production", () => {
    expect(startingDraft(vendor, "practice")).toEqual({
      environment: "practice",
      fields: { client_id: "practice-id", hint: "" },
      endpoints: { api: "" },
      redirect_uri: "http://127.0.0.1/bounce",
    });
    expect(startingDraft(vendor, "production")).toMatchObject({ fields: { client_id: "", hint: "" }, redirect_uri: "" });
  });

  it("is sent without the spaces that pasting brings along", () => {
    const typed = { ...startingDraft(vendor, "production"), fields: { client_id: "  abc\n", hint: "" }, redirect_uri: " https://me.example/back " };
    expect(toConnectDraft(vendor, null, typed)).toEqual({
      vendor: "books",
      connection_id: null,
      environment: "production",
      fields: [{ id: "client_id", value: "abc" }, { id: "hint", value: "" }],
      endpoints: [{ id: "api", value: "" }],
      redirect_uri: "https://me.example/back",
    });
  });

  it("names the connection that is signed in anew", () => {
    const again = toConnectDraft(vendor, { id: "c-1" } as ConnectionView, startingDraft(vendor, "practice"));
    expect(again.connection_id).toBe("c-1");
  });

  it("has a redirect address only where the vendor signs in through the browser", () => {
    expect(toConnectDraft(keys, null, { ...startingDraft(keys, "practice"), redirect_uri: "https://left.over" }).redirect_uri).toBeNull();
    expect(toConnectDraft(vendor, null, startingDraft(vendor, "production")).redirect_uri).toBeNull();
  });
});
