/** What is typed in the connect dialog, and how it is sent. */
import type { ConnectDraft, ConnectionEnvironment, ConnectionView, VendorView } from "../../api";

/** Keyed by the vendor's own names, so that errors (`fields.client_id`, `endpoints.api`) land on their field. */
export type TypedConnection = {
  environment: ConnectionEnvironment;
  fields: Record<string, string>;
  endpoints: Record<string, string>;
  redirect_uri: string;
};

/** Empty for Production; filled in for Practice, where connecting takes one click. */
export function startingDraft(vendor: VendorView, environment: ConnectionEnvironment): TypedConnection {
  const practice = environment === "practice";
  return {
    environment,
    fields: Object.fromEntries(vendor.fields.map((field) => [field.id, practice ? (field.practice_value ?? "") : ""])),
    endpoints: Object.fromEntries(vendor.endpoints.map((endpoint) => [endpoint.id, ""])),
    redirect_uri: vendor.redirect_uri !== null && practice ? vendor.redirect_uri : "",
  };
}

export function toConnectDraft(vendor: VendorView, connection: ConnectionView | null, typed: TypedConnection): ConnectDraft {
  const named = (texts: Record<string, string>) => Object.entries(texts).map(([id, value]) => ({ id, value: value.trim() }));
  return {
    vendor: vendor.id,
    connection_id: connection?.id ?? null,
    environment: typed.environment,
    fields: named(typed.fields),
    endpoints: named(typed.endpoints),
    redirect_uri: vendor.oauth && typed.redirect_uri.trim() !== "" ? typed.redirect_uri.trim() : null,
  };
}
