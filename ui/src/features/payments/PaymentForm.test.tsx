import { I18nProvider } from "@lingui/react";
import { i18n } from "@lingui/core";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { call } from "../../api/client";
import { makeQueryClient } from "../../api/queries";
import { ConfirmProvider } from "../../shared";
import { PaymentForm } from "./PaymentForm";

vi.mock("@tanstack/react-router", () => ({ useBlocker: () => undefined, useNavigate: () => () => undefined, useRouterState: () => ({}) }));
vi.mock("../../api/client", async (original) => ({ ...(await original<typeof import("../../api/client")>()), call: vi.fn() }));

const usd = (minor: string) => ({ minor, currency: "USD" });
const invoice = (id: string, number: string, minor: string) => ({ id, number, due_on: "2026-01-31", balance: usd(minor) });
const answers: Record<string, unknown> = {
  appStatus: { today: "2026-02-03" },
  getCustomer: { draft: { display_name: "Ada Pine" } },
  openInvoices: [invoice("i-1", "INV-1", "10000"), invoice("i-2", "INV-2", "8000")],
  recordPayment: { row: { id: "p-1" } },
};

function show(props: Partial<Parameters<typeof PaymentForm>[0]> = {}) {
  const onSaved = vi.fn();
  const onClose = vi.fn();
  render(
    <I18nProvider i18n={i18n}>
      <MantineProvider env="test">
        <QueryClientProvider client={makeQueryClient()}>
          <ConfirmProvider>
            <PaymentForm customerId="c-1" invoiceId="i-2" onClose={onClose} onSaved={onSaved} {...props} />
          </ConfirmProvider>
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );
  return { onSaved, onClose };
}

describe("the payment form", () => {
  beforeEach(() => vi.mocked(call as (name: string) => Promise<unknown>).mockImplementation(async (name) => answers[name]));

  it("starts with what the invoice it was opened from still asks for", async () => {
    show();
    await waitFor(() => expect((screen.getByLabelText("Amount for invoice INV-2") as HTMLInputElement).value).toBe("80.00"));
    expect((screen.getByLabelText(/^Amount \*$|^Amount$/) as HTMLInputElement).value).toBe("80.00");
    expect((screen.getByLabelText("Amount for invoice INV-1") as HTMLInputElement).value).toBe("");
  });

  it("sends what was typed and leaves out invoices that get nothing", async () => {
    const { onSaved } = show();
    await screen.findByLabelText("Amount for invoice INV-1");
    await userEvent.click(screen.getByText("Record"));
    await waitFor(() => expect(onSaved).toHaveBeenCalledWith("p-1"));
    const sent = vi.mocked(call).mock.calls.find(([name]) => name === "recordPayment")?.[1];
    expect(sent).toMatchObject({ customer_id: "c-1", received_on: "2026-02-03", amount: "80.00", applied: [{ invoice_id: "i-2", amount: "80.00" }] });
  });

  it("closes without a question while nothing was typed", async () => {
    const { onClose } = show();
    await screen.findByLabelText("Amount for invoice INV-1");
    await userEvent.click(screen.getByText("Cancel"));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
  });
});
