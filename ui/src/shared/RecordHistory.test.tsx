import { I18nProvider } from "@lingui/react";
import { i18n } from "@lingui/core";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { HistoryEntry } from "../api";
import { call } from "../api/client";
import { makeQueryClient } from "../api/queries";
import { RecordHistory } from "./RecordHistory";

vi.mock("@tanstack/react-router", () => ({ useNavigate: () => () => undefined, useRouterState: () => ({}) }));
vi.mock("../api/client", async (original) => ({ ...(await original<typeof import("../api/client")>()), call: vi.fn() }));

const run = { id: "run-1", started_at: "2026-11-20T15:05:00.000Z" };
const entry = (id: number, who: string, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  id,
  at: "2026-11-20T15:06:00.000Z",
  who,
  run: null,
  action: "updated",
  fields: [{ field: "phone", before: "1", after: `${id}` }],
  ...more,
});
const first = [entry(4, "owner"), entry(3, "undo", { run })];
const second = [entry(2, "QuickBooks", { run }), entry(1, "Stripe", { action: "created" })];
const version = {
  history_id: 4,
  at: "2026-11-20T15:06:00.000Z",
  who: "owner",
  run: null,
  action: "created",
  fields: [],
  refusal: "A payment is not changed once it is recorded.",
};

function show(history: HistoryEntry[] = []) {
  render(
    <I18nProvider i18n={i18n}>
      <MantineProvider env="test">
        <QueryClientProvider client={makeQueryClient()}>
          <RecordHistory kind="payment" id="p-1" history={history} />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );
}

const lines = () => screen.getAllByRole("listitem").map((line) => line.textContent).filter((text) => /by /.test(text ?? ""));

describe("a record's history", () => {
  beforeEach(() =>
    vi.mocked(call as (name: string, ...args: unknown[]) => Promise<unknown>).mockImplementation(async (name, ...args) => {
      if (name === "getRecordVersion") return version;
      return args[2] === null ? { rows: first, next_cursor: "3" } : { rows: second, next_cursor: null };
    }),
  );

  it("says who or what made each change, with a link to the run", async () => {
    show();
    await userEvent.click(await screen.findByText("Show more"));
    await waitFor(() => expect(lines()).toHaveLength(4));
    expect(lines()[0]).toMatch(/^Updated by you(?!,)/);
    expect(lines()[1]).toMatch(/^Undone by you, in the undo run of Nov 20, 2026/);
    expect(lines()[2]).toMatch(/^Updated by QuickBooks, in the sync of Nov 20, 2026/);
    expect(lines()[3]).toMatch(/^Created by Stripe(?!,)/);
    const links = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
    expect(links).toEqual(["#/sync?open=run-1", "#/sync?open=run-1"]);
  });

  it("goes on from the last entry and stops at the beginning", async () => {
    show();
    await userEvent.click(await screen.findByText("Show more"));
    await waitFor(() => expect(screen.queryByText("Show more")).toBeNull());
    expect(vi.mocked(call as (...args: unknown[]) => unknown)).toHaveBeenCalledWith("listHistory", "payment", "p-1", "3", 20);
  });

  it("shows what its view brought until the pages are there", () => {
    show([entry(4, "owner")]);
    expect(lines()).toHaveLength(1);
  });

  it("opens an entry and says why it can't be brought back", async () => {
    show();
    await userEvent.click((await screen.findAllByText("Updated"))[0] as HTMLElement);
    expect(await screen.findByText("A payment is not changed once it is recorded.")).toBeTruthy();
    expect(screen.getByText("Bring back").closest("button")?.disabled).toBe(true);
  });
});
