/** Keeps typed work from being lost by leaving the page, closing the window or closing a drawer. */
import { useLingui } from "@lingui/react/macro";
import { useBlocker } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import { useConfirm } from "./confirm";

// Parameters that keep a form open: without them, or with another value, what was typed is gone.
const FORM_PARAMETERS = ["new", "edit", "id", "stock", "customer", "order", "copy"];

function leavesForm(current: Place, next: Place): boolean {
  const before = current.search as Record<string, unknown>;
  const after = next.search as Record<string, unknown>;
  return current.pathname !== next.pathname || FORM_PARAMETERS.some((name) => before[name] !== undefined && before[name] !== after[name]);
}

type Place = { pathname: string; search: unknown };

/** While `dirty`, asks before leaving. Returns the same question for closing a drawer or dialog. */
export function useUnsavedGuard(dirty: boolean): (leave: () => void) => Promise<void> {
  const confirm = useConfirm();
  const { t } = useLingui();
  const mayLeave = useCallback(
    async () =>
      !dirty ||
      (await confirm({
        title: t`Leave without saving?`,
        text: t`What you typed here has not been saved yet.`,
        confirmLabel: t`Leave without saving`,
        cancelLabel: t`Keep editing`,
        danger: true,
      })),
    [dirty, confirm, t],
  );
  // Asked once, not once more by the way out.
  const agreed = useRef(false);
  useBlocker({
    // Searching, sorting and panels on the same page lose nothing.
    shouldBlockFn: async ({ current, next }) => !agreed.current && leavesForm(current, next) && !(await mayLeave()),
    enableBeforeUnload: dirty,
    disabled: !dirty,
  });
  return useCallback(
    async (leave) => {
      if (!(await mayLeave())) return;
      agreed.current = true;
      leave();
    },
    [mayLeave],
  );
}
