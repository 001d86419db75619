import { I18nProvider } from "@lingui/react";
import { i18n } from "@lingui/core";
import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError, type ListResult } from "../api";
import { DataTable, type TableColumn } from "./DataTable";

vi.mock("./navigation", () => ({ useGo: () => () => undefined }));

type Row = { id: string; name: string };

const rows: Row[] = Array.from({ length: 50 }, (_, index) => ({ id: `r${index}`, name: `Row ${index}` }));
const columns: TableColumn<Row, "name">[] = [{ id: "name", header: "Name", width: "1fr", sort: "name", cell: (row) => row.name }];

function listOf(over: Partial<ListResult<Row>> = {}): ListResult<Row> {
  return { key: "", rows, pending: false, stale: false, error: null, hasMore: false, loadMore: () => undefined, retry: () => undefined, ...over };
}

function show(over: Partial<Parameters<typeof DataTable<Row, "name">>[0]> = {}) {
  const onOpen = vi.fn();
  const chosen = vi.fn();
  const onSort = vi.fn();
  render(
    <I18nProvider i18n={i18n}>
      <MantineProvider>
        <DataTable
          label="Things"
          columns={columns}
          list={listOf()}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          sorting={{ sort: "name", descending: false }}
          onSort={onSort}
          onOpen={onOpen}
          bulkActions={(selected) => <button type="button" onClick={() => chosen(selected.map(({ id }) => id))}>Act</button>}
          empty={<p>No things yet</p>}
          {...over}
        />
      </MantineProvider>
    </I18nProvider>,
  );
  return { onOpen, chosen, onSort };
}

const press = async (...keys: string[]) => {
  screen.getByRole("grid").focus();
  for (const key of keys) await userEvent.keyboard(key);
};

describe("the table by keyboard", () => {
  beforeEach(() => {
    // jsdom lays nothing out; the table needs a height to know which rows are in sight.
    vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(320);
    vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(640);
    // Newer web views answer a promise.
    HTMLElement.prototype.scrollTo = vi.fn(() => Promise.resolve()) as never;
  });

  it("moves with the arrows and opens with Enter", async () => {
    const { onOpen } = show();
    await press("{ArrowDown}{ArrowDown}{ArrowUp}{ArrowDown}", "{Enter}");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith(rows[1]);
  });

  it("tells screen readers which row the cursor is on", async () => {
    show();
    await press("{ArrowDown}{ArrowDown}");
    const active = screen.getByRole("grid").getAttribute("aria-activedescendant");
    expect(document.getElementById(active ?? "")?.textContent).toBe("Row 1");
  });

  it("selects with Space and extends with Shift", async () => {
    const { chosen } = show();
    await press("{ArrowDown}", " ", "{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
    await userEvent.click(screen.getByText("Act"));
    expect(chosen).toHaveBeenCalledWith(["r0", "r1", "r2"]);
  });

  it("selects all with Ctrl+A and nothing with Escape", async () => {
    const { chosen } = show();
    await press("{Control>}a{/Control}");
    await userEvent.click(screen.getByText("Act"));
    expect(chosen.mock.calls[0]?.[0]).toHaveLength(50);
    await press("{Escape}");
    expect(screen.queryByText("Act")).toBeNull();
  });

  it("forgets the selection when the list becomes another one", async () => {
    const ui = (key: string) => (
      <I18nProvider i18n={i18n}>
        <MantineProvider>
          <DataTable label="Things" columns={columns} list={listOf({ key })} rowId={(row) => row.id} rowLabel={(row) => row.name} bulkActions={() => <b>Act</b>} empty={null} />
        </MantineProvider>
      </I18nProvider>
    );
    const { rerender } = render(ui("first"));
    await press("{ArrowDown}", " ");
    expect(screen.getByText("Act")).toBeTruthy();
    rerender(ui("second"));
    expect(screen.queryByText("Act")).toBeNull();
  });

  it("sorts by the head of a column and says which way", async () => {
    const { onSort } = show();
    expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("ascending");
    await userEvent.click(screen.getByRole("button", { name: "Name" }));
    expect(onSort).toHaveBeenCalledWith("name");
  });

  it("draws only the rows in sight", () => {
    show({ list: listOf({ rows: Array.from({ length: 100_000 }, (_, index) => ({ id: `r${index}`, name: `Row ${index}` })) }) });
    const drawn = screen.getAllByRole("row").length;
    expect(drawn).toBeGreaterThan(10);
    expect(drawn).toBeLessThan(40);
  });

  it("asks for more only near the end", () => {
    const loadMore = vi.fn();
    show({ list: listOf({ rows: Array.from({ length: 500 }, (_, index) => ({ id: `r${index}`, name: `Row ${index}` })), hasMore: true, loadMore }) });
    expect(loadMore).not.toHaveBeenCalled();
    show({ list: listOf({ hasMore: true, loadMore }) });
    expect(loadMore).toHaveBeenCalled();
  });

  it("shows what to do when there is nothing, and what failed with a way to try again", async () => {
    show({ list: listOf({ rows: [] }) });
    expect(screen.getByText("No things yet")).toBeTruthy();
    const retry = vi.fn();
    const error = new AppError({ code: "storage", message: "The file is locked.", fields: [], hint: "", request_id: "" });
    show({ list: listOf({ rows: [], error, retry }) });
    expect(screen.getByText("The file is locked.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(retry).toHaveBeenCalledOnce();
  });

  it("goes to the end of a list that has to be read from there first", async () => {
    const loadEnd = vi.fn();
    const some = Array.from({ length: 200 }, (_, index) => ({ id: `r${index}`, name: `Row ${index}` }));
    const table = (list: ListResult<Row>) => (
      <I18nProvider i18n={i18n}>
        <MantineProvider>
          <DataTable label="Things" columns={columns} list={list} rowId={(row) => row.id} rowLabel={(row) => row.name} empty={null} />
        </MantineProvider>
      </I18nProvider>
    );
    const { rerender } = render(table(listOf({ rows: some, hasMore: true, loadAround: () => undefined, loadEnd })));
    await press("{End}");
    expect(loadEnd).toHaveBeenCalledOnce();
    const holes = Array.from<undefined>({ length: 400 });
    const last = [{ id: "z0", name: "Last but one" }, { id: "z1", name: "The last" }];
    rerender(table(listOf({ rows: [...some, ...holes, ...last], hasMore: false, loadAround: () => undefined, loadEnd })));
    const totals = { count: 602, sums: [] };
    rerender(table(listOf({ rows: [...some, ...holes, ...last], totals, loadAround: () => undefined, loadEnd })));
    expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("603");
    await press("{ArrowUp}", "{ArrowUp}");
    expect(loadEnd).toHaveBeenCalledOnce();
  });
});
