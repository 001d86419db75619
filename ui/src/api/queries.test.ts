import { QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunView, Tag } from "./bindings";
import { makeTagCollector } from "./events";
import { invalidateTags, makeQueryClient, queryKey, storeRun } from "./queries";

function run(state: RunView["state"]): RunView {
  return { id: "run-1", trigger: "owner", state, started_at: "2026-06-30T12:00:00Z", finished_at: null, duration_ms: 10, parts: [] };
}

describe("what events do to the cache", () => {
  it("reads again what is made of the changed tags and nothing else", () => {
    const client = makeQueryClient();
    client.setQueryData(queryKey("getCustomer", "c1"), {});
    client.setQueryData(queryKey("getPayout", "p1"), {});
    invalidateTags(client, new Set<Tag>(["invoices"]));
    expect(client.getQueryState(queryKey("getCustomer", "c1"))?.isInvalidated).toBe(true);
    expect(client.getQueryState(queryKey("getPayout", "p1"))?.isInvalidated).toBe(false);
  });

  it("puts a run's snapshot into the status, the list and the detail", () => {
    const client = makeQueryClient();
    const status = { open_run: null, last_run: null, connections: [], waiting_count: 0, problem_count: 0, next_run_at: null, paused: false };
    client.setQueryData(queryKey("syncStatus"), status);
    client.setQueryData(queryKey("listRuns", null, 50), { pages: [{ rows: [run("queued")], next_cursor: null }], pageParams: [null] });
    client.setQueryData(queryKey("getRun", "run-1", null, 50), { pages: [{ run: run("queued"), changes: [], next_cursor: null }], pageParams: [null] });
    storeRun(client, run("running"));
    expect(client.getQueryData(queryKey("syncStatus"))).toMatchObject({ open_run: { state: "running" }, last_run: null });
    storeRun(client, run("done"));
    expect(client.getQueryData(queryKey("syncStatus"))).toMatchObject({ open_run: null, last_run: { state: "done" } });
    expect(client.getQueryData(queryKey("listRuns", null, 50))).toMatchObject({ pages: [{ rows: [{ state: "done" }] }] });
    expect(client.getQueryData(queryKey("getRun", "run-1", null, 50))).toMatchObject({ pages: [{ run: { state: "done" } }] });
  });

  it("keeps data fresh until an event says otherwise", async () => {
    const client = makeQueryClient();
    client.setQueryData(queryKey("syncSettings"), { interval_minutes: 15 });
    const observer = new QueryObserver(client, { queryKey: queryKey("syncSettings") });
    expect(observer.getCurrentResult().isStale).toBe(false);
  });
});

describe("collecting tags", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("acts at once on the first, and once a second on all that follow", () => {
    const acted: Tag[][] = [];
    const collect = makeTagCollector((tags) => acted.push([...tags]), 1000);
    collect(["customers"]);
    collect(["orders"]);
    collect(["orders", "stock"]);
    expect(acted).toEqual([["customers"]]);
    vi.advanceTimersByTime(1000);
    expect(acted).toEqual([["customers"], ["orders", "stock"]]);
    vi.advanceTimersByTime(5000);
    expect(acted).toHaveLength(2);
    collect(["items"]);
    expect(acted).toHaveLength(3);
  });
});
