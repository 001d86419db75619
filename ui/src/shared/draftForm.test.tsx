import { MantineProvider } from "@mantine/core";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { AppError } from "../api";
import { errorsByPath, fieldProps, useDraftForm } from "./draftForm";
import { FormField } from "./fields";

type Draft = { name: string; lines: { quantity: string }[] };

function invalid(fields: { field: string; reason: string }[]): AppError {
  return new AppError({ code: "invalid", message: "Look again.", fields, hint: "", request_id: "" });
}

function TestForm({ save }: { save: (draft: Draft) => Promise<unknown> }) {
  const draft = useDraftForm<Draft>({ name: "", lines: [{ quantity: "1" }] }, save);
  const { error, form } = draft;
  return (
    <form
      ref={draft.ref}
      onSubmit={(event) => {
        event.preventDefault();
        void draft.submit();
      }}
    >
      {error && <p>{error.message}</p>}
      <FormField label="Name" {...fieldProps(form, "name")} />
      <FormField label="Quantity" {...fieldProps(form, "lines.0.quantity")} />
      <button type="submit">Save</button>
    </form>
  );
}

const show = (save: (draft: Draft) => Promise<unknown>) =>
  render(
    <MantineProvider>
      <TestForm save={save} />
    </MantineProvider>,
  );

describe("a form over a draft", () => {
  it("shows each reason at the field with its path and focuses the first", async () => {
    show(() => Promise.reject(invalid([{ field: "lines.0.quantity", reason: "Type how many." }])));
    await userEvent.click(screen.getByText("Save"));
    const field = screen.getByLabelText("Quantity");
    await waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
    expect(screen.getByText("Type how many.")).toBeTruthy();
    expect(document.activeElement).toBe(field);
  });

  it("says reasons above the form when no field of the page has their path", async () => {
    show(() => Promise.reject(invalid([{ field: "order_id", reason: "That order is gone." }])));
    await userEvent.click(screen.getByText("Save"));
    expect(await screen.findByText("That order is gone.")).toBeTruthy();
  });

  it("keeps what was typed after a failed save and sends it as typed", async () => {
    const save = vi.fn(() => Promise.reject(invalid([])));
    show(save);
    await userEvent.type(screen.getByLabelText("Name"), "12.50+3");
    await userEvent.click(screen.getByText("Save"));
    expect(save).toHaveBeenCalledWith({ name: "12.50+3", lines: [{ quantity: "1" }] });
    expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("12.50+3");
  });

  it("saves once when pressed twice", async () => {
    const save = vi.fn(() => new Promise((resolve) => setTimeout(resolve, 20)));
    show(save);
    await userEvent.dblClick(screen.getByText("Save"));
    expect(save).toHaveBeenCalledTimes(1);
  });

  it("joins several reasons for one field", () => {
    expect(errorsByPath([{ field: "name", reason: "Too short." }, { field: "name", reason: "Taken." }])).toEqual({ name: "Too short. Taken." });
  });
});
